package com.example.threading.summingthreads;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import com.google.common.util.concurrent.Uninterruptibles;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.J_Result;

/// After `join`, the plain fields of a finished thread are seen as they were written.
@JCStressTest
@Outcome(id = "6", expect = ACCEPTABLE, desc = "1 + 2 + 3")
@Outcome(expect = FORBIDDEN, desc = "The total was not seen, or only a part of it.")
@State
public class TotalAfterJoin {

    /// Starts a thread, joins it and reads its total.
    ///
    /// @param r the total
    @Actor
    public void join(J_Result r) {
        var thread = new SummingThread(1, 4);
        thread.start();
        // An actor must not throw a checked exception.
        Uninterruptibles.joinUninterruptibly(thread);
        r.r1 = thread.total().longValueExact();
    }
}

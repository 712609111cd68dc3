package com.example.threading.summingthreads;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.J_Result;

/// `isAlive()` answering `false` is as good as `join`: what `total` relies on when it is called by
/// someone who has not joined.
@JCStressTest
@Outcome(id = "6", expect = ACCEPTABLE, desc = "1 + 2 + 3")
@Outcome(expect = FORBIDDEN, desc = "The total was not seen, or only a part of it.")
@State
public class TotalOnceNotAlive {

    /// Starts a thread, watches it end and reads its total.
    ///
    /// @param r the total
    @Actor
    public void watch(J_Result r) {
        var thread = new SummingThread(1, 4);
        thread.start();
        while (thread.isAlive()) {
            Thread.onSpinWait();
        }
        r.r1 = thread.total().longValueExact();
    }
}

package com.example.threading.summingthreads;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.J_Result;

/// Wrong on purpose: the field of a thread that may still run is read without `join`. Here it is
/// the class that lets one do so; [SummingThread] refuses.
@JCStressTest
@Outcome(id = "6", expect = ACCEPTABLE, desc = "1 + 2 + 3, by luck")
@Outcome(id = {"0", "1", "3"}, expect = ACCEPTABLE_INTERESTING, desc = "A part of the sum.")
@Outcome(expect = FORBIDDEN, desc = "Not even a part of the sum.")
@State
public class BrokenTotalWithoutJoin {

    private final BrokenSummingThread thread = new BrokenSummingThread(1, 4, i -> i);

    /// What the thread does.
    @Actor
    @SuppressWarnings("DoNotCall") // Its own thread is the one of the stress test.
    public void sum() {
        thread.run();
    }

    /// Reads the total while the other adds it up.
    ///
    /// @param r the total
    @Actor
    public void read(J_Result r) {
        r.r1 = thread.total;
    }
}

package com.example.threading.firstresponse;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// How soon a caller has the winner's answer while a crowd of losers is blocked.
///
/// Before the clock starts, a race is under way and every competitor blocked. Then the winner's
/// gate opens; the clock stops when the caller's thread has ended. So two wake-ups are part of
/// every time, the winner's and the caller's.
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@State(Scope.Benchmark)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class BlockedLosersBenchmark {

    private static final Duration LIMIT = Duration.ofMinutes(1);

    /// Who runs the race.
    public enum Way {
        /// Ours.
        FIRST_RESPONSE,
        /// The JDK's, on virtual threads.
        INVOKE_ANY,
        /// The JDK's queue of futures, on virtual threads.
        COMPLETION_SERVICE,
        /// The JDK's, which lets the losers run.
        ANY_OF,
        /// Guava's, on virtual threads.
        IN_COMPLETION_ORDER
    }

    /// Who runs the race.
    @Param
    private Way way = Way.FIRST_RESPONSE;

    /// How many wait in vain.
    @Param({"10", "1000"})
    private int losers;

    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private Phaser blocked = new Phaser();
    private CountDownLatch winnersGate = new CountDownLatch(1);
    private CountDownLatch losersGate = new CountDownLatch(1);
    private CountDownLatch gone = new CountDownLatch(1);
    private Thread caller = new Thread();

    @Setup(Level.Invocation)
    public void startRace() {
        blocked = new Phaser(losers + 2);
        winnersGate = new CountDownLatch(1);
        losersGate = new CountDownLatch(1);
        gone = new CountDownLatch(losers);
        List<Callable<Integer>> competitors = new ArrayList<>();
        for (int i = 0; i < losers; i++) {
            competitors.add(this::lose);
        }
        competitors.add(this::win);
        caller = Thread.ofPlatform().start(() -> race(competitors));
        blocked.arriveAndAwaitAdvance();
    }

    @Benchmark
    public void answerToReturn() throws InterruptedException {
        winnersGate.countDown();
        caller.join();
    }

    @TearDown(Level.Invocation)
    public void awaitLosers() throws InterruptedException {
        losersGate.countDown();
        gone.await();
    }

    private int lose() throws InterruptedException {
        blocked.arrive();
        try {
            losersGate.await();
        } finally {
            gone.countDown();
        }
        return 0;
    }

    private int win() throws InterruptedException {
        blocked.arrive();
        winnersGate.await();
        return 1;
    }

    private void race(List<Callable<Integer>> competitors) {
        try {
            int winner = switch (way) {
                case FIRST_RESPONSE -> FirstResponse.of(competitors).within(LIMIT).get();
                case INVOKE_ANY -> OtherWays.invokeAny(executor, competitors, LIMIT);
                case COMPLETION_SERVICE ->
                    OtherWays.completionService(executor, competitors, LIMIT);
                case ANY_OF -> OtherWays.anyOf(executor, competitors, LIMIT);
                case IN_COMPLETION_ORDER ->
                    OtherWays.inCompletionOrder(executor, competitors, LIMIT);
            };
            if (winner != 1) {
                throw new IllegalStateException("a loser has won");
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}

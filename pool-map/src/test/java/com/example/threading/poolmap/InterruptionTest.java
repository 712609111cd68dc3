package com.example.threading.poolmap;

import static com.example.threading.poolmap.Tasks.besideAFailure;
import static com.example.threading.poolmap.Tasks.forEver;
import static com.example.threading.poolmap.Tasks.ignoreInterrupts;
import static com.example.threading.poolmap.Tasks.onceRunning;
import static com.example.threading.poolmap.Tasks.stubborn;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.example.threading.common.Caller;
import com.example.threading.common.NoLeaks;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Interrupts of the caller and of the workers, and futures that are cancelled or time out.
@ExtendWith(NoLeaks.class)
@ParameterizedClass
@EnumSource(Pools.class)
class InterruptionTest {

    private final Pools pools;

    InterruptionTest(Pools pools) {
        this.pools = pools;
    }

    // The caller is interrupted

    @ParameterizedTest
    @EnumSource
    void interruptingTheCallerInterruptsTheWorkAndIsReported(Member member) throws Exception {
        try (var pool = pools.of(2)) {
            var bothRun = new CountDownLatch(2);
            var ended = new CountDownLatch(2);
            Caller<?> caller = Caller.of(() -> member.call(pool, _ -> {
                bothRun.countDown();
                try {
                    return forEver();
                } finally {
                    ended.countDown();
                }
            }, List.of(1, 2, 3, 4)));
            bothRun.await();

            caller.interrupt();

            assertThat(caller.failure()).isExactlyInstanceOf(InterruptedException.class);
            ended.await();
        }
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptThatIsReportedIsNotInTheStatusToo(Member member) throws Exception {
        try (var pool = pools.of(1)) {
            var running = new CountDownLatch(1);
            Caller<Boolean> caller = Caller.of(() -> {
                assertThat(catchThrowable(() -> member.call(pool, _ -> {
                    running.countDown();
                    return forEver();
                }, List.of(1)))).isExactlyInstanceOf(InterruptedException.class);
                return Thread.currentThread().isInterrupted();
            });
            running.await();

            caller.interrupt();

            assertThat(caller.result()).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"MAP", "STARMAP", "IMAP", "IMAP_UNORDERED"})
    void anInterruptedCallerWaitsForWhatRuns(Member member) throws Exception {
        try (var pool = pools.of(2)) {
            var log = new ConcurrentLinkedQueue<String>();
            var bothRun = new CountDownLatch(2);
            Caller<?> caller = Caller.of(() -> member.call(pool,
                    item -> stubborn(item, bothRun, log), List.of(1, 2)));
            bothRun.await();

            caller.interrupt();

            assertThat(caller.failure()).isExactlyInstanceOf(InterruptedException.class);
            assertThat(log).hasSize(2);
        }
    }

    /// As code does that cannot throw the [InterruptedException], and so keeps it in the status.
    @ParameterizedTest
    @EnumSource(names = {"IMAP", "IMAP_UNORDERED"})
    void anInterruptOfTheInputIsKeptAndWhatRunsIsWaitedFor(Member member) throws Exception {
        try (var pool = pools.of(1)) {
            var log = new ConcurrentLinkedQueue<String>();
            var running = new CountDownLatch(1);
            var secondIsWanted = new CountDownLatch(1);
            Iterable<Integer> input = () -> Stream.iterate(1, item -> {
                secondIsWanted.countDown();
                try {
                    return forEver();
                } catch (InterruptedException _) {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException("the input");
                }
            }).iterator();
            var keptInterrupt = new AtomicBoolean();
            Caller<?> caller = Caller.of(() -> {
                try {
                    return member.call(pool, item -> {
                        secondIsWanted.await();
                        return stubborn(item, running, log);
                    }, input);
                } finally {
                    keptInterrupt.set(Thread.currentThread().isInterrupted());
                }
            });
            running.await();

            caller.interrupt();

            assertThat(caller.failure()).hasMessage("the input");
            assertThat(log).hasSize(1);
            assertThat(keptInterrupt).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSecondInterruptEndsTheWaitingForAWorkerThatIgnoresItsOwn(Member member)
            throws Exception {
        try (var pool = pools.of(1)) {
            var running = new CountDownLatch(1);
            var interrupted = new CountDownLatch(1);
            var gate = new CountDownLatch(1);
            Caller<?> caller = Caller.of(() -> member.call(pool, _ -> {
                running.countDown();
                try {
                    return forEver();
                } catch (InterruptedException _) {
                    interrupted.countDown();
                    return ignoreInterrupts(gate);
                }
            }, List.of(1)));
            running.await();

            caller.interrupt();
            interrupted.await();
            caller.interrupt();

            assertThat(caller.failure()).isExactlyInstanceOf(InterruptedException.class);
            gate.countDown();
        }
    }

    @Test
    void anInterruptAfterTheFirstFailureIsKeptAndTheFailureThrown() throws Exception {
        try (var pool = pools.of(2)) {
            var thrown = new IOException();
            var failureIsKnown = new CountDownLatch(1);
            var gate = new CountDownLatch(1);
            var keptInterrupt = new AtomicBoolean();
            Caller<?> caller = Caller.of(() -> {
                try {
                    return pool.map(besideAFailure(thrown, failureIsKnown, gate), List.of(0, 1));
                } finally {
                    keptInterrupt.set(Thread.currentThread().isInterrupted());
                }
            });
            failureIsKnown.await();
            caller.awaitWaiting();

            caller.interrupt();
            gate.countDown();

            assertThat(caller.failure()).isSameAs(thrown);
            assertThat(keptInterrupt).isTrue();
        }
    }

    // A worker is interrupted

    @ParameterizedTest
    @EnumSource
    void anInterruptThatAFunctionLeftIsNotForTheNextItem(Member member) throws Exception {
        try (var pool = pools.of(1)) {
            assertThat(member.call(pool, _ -> {
                boolean interrupted = Thread.currentThread().isInterrupted();
                Thread.currentThread().interrupt();
                return interrupted;
            }, List.of(1, 2, 3))).containsOnly(false);
        }
    }

    // A future is completed from outside

    @Test
    void aFutureThatIsCompletedFromOutsideEndsItsWork() throws Exception {
        try (var pool = pools.of(2)) {
            for (Completion completion : Completion.values()) {
                var bothRun = new CountDownLatch(2);
                var bothEnded = new CountDownLatch(2);
                var started = new AtomicInteger();
                CompletableFuture<List<Integer>> future = pool.mapAsync(_ -> {
                    started.incrementAndGet();
                    bothRun.countDown();
                    try {
                        return forEver();
                    } finally {
                        bothEnded.countDown();
                    }
                }, List.of(1, 2, 3, 4));
                bothRun.await();

                completion.complete(future);

                bothEnded.await();
                // The pool is free again, and nothing of the call was left to start.
                pool.map(item -> item, List.of(1, 2));
                assertThat(started).as(completion.name()).hasValue(2);
            }
        }
    }

    private enum Completion {
        CANCEL, TIME_OUT, DEFAULT_AFTER_TIME, EXCEPTION, VALUE;

        void complete(CompletableFuture<List<Integer>> future) {
            switch (this) {
                case CANCEL -> assertThat(future.cancel(false)).isTrue();
                case TIME_OUT ->
                    assertThat(future.orTimeout(1, MILLISECONDS))
                            .failsWithin(10, SECONDS)
                            .withThrowableThat().withCauseInstanceOf(TimeoutException.class);
                case DEFAULT_AFTER_TIME -> assertThat(future.completeOnTimeout(List.of(), 1,
                        MILLISECONDS))
                        .succeedsWithin(10, SECONDS);
                case EXCEPTION -> future.completeExceptionally(new IOException());
                case VALUE -> future.complete(List.of());
            }
        }
    }

    @Test
    void cancellingAFutureDoesNotWaitForWhatRuns() throws Exception {
        try (var pool = pools.of(1)) {
            var gate = new CountDownLatch(1);
            var future = onceRunning(pool, () -> ignoreInterrupts(gate));

            assertThat(future.cancel(true)).isTrue();

            // Had it waited, it would still do so.
            gate.countDown();
        }
    }

    @Test
    void aFailureBeforeTheCancellationStaysAsItIs() throws Exception {
        try (var pool = pools.of(2)) {
            var thrown = new IOException();
            var failureIsKnown = new CountDownLatch(1);
            var gate = new CountDownLatch(1);
            var future = pool.mapAsync(besideAFailure(thrown, failureIsKnown, gate),
                    List.of(0, 1));
            failureIsKnown.await();

            future.cancel(true);

            gate.countDown();
            assertThat(thrown).hasNoSuppressedExceptions();
        }
    }

    @Test
    void aFuturesDependantMayThrowAndThePoolGoesOn() throws Exception {
        try (var pool = pools.of(1)) {
            CompletableFuture<Object> dependant = pool.mapAsync(item -> item, List.of(1))
                    .thenApply(_ -> {
                        throw new IllegalStateException("dependant");
                    });

            assertThat(dependant).failsWithin(10, SECONDS);
            assertThat(pool.map(item -> item, List.of(1))).containsExactly(1);
        }
    }
}

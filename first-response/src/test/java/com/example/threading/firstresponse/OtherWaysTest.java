package com.example.threading.firstresponse;

import static com.example.threading.firstresponse.Competitors.failing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.example.threading.common.NoLeaks;
import com.google.common.collect.ImmutableSet;
import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What each way to take the first answer promises: the table of this module's page, cell by cell.
/// A cell is empty because the test has seen the promise broken.
@ExtendWith(NoLeaks.class)
class OtherWaysTest {

    private static final Duration LONG = Duration.ofMinutes(1);

    @AutoClose
    private final RecordingThreads threads = new RecordingThreads();

    @ParameterizedTest
    @MethodSource
    void theTableIsTrue(Way way, Promise promise) throws Exception {
        assertThat(promise.isKeptBy(way, threads)).isEqualTo(way.promises.contains(promise));
    }

    static Stream<Arguments> theTableIsTrue() {
        return Arrays.stream(Way.values()).flatMap(
                way -> Arrays.stream(Promise.values()).map(promise -> Arguments.of(way, promise)));
    }

    @Test
    void closingTheExecutorAfterInvokeAnyWaitsForALoserThatIgnoresItsInterrupt() throws Exception {
        var gate = new CountDownLatch(1);
        var returned = new CompletableFuture<String>();

        Thread caller = Thread.ofVirtual().start(() -> {
            try (var executor = Executors.newThreadPerTaskExecutor(threads)) {
                returned.complete(executor.invokeAny(List.of(
                        () -> {
                            Uninterruptibles.awaitUninterruptibly(gate);
                            return "lost";
                        },
                        () -> "won")));
            } catch (InterruptedException | ExecutionException e) {
                returned.completeExceptionally(e);
            }
        });

        assertThat(returned.get()).isEqualTo("won");
        Awaitility.await().dontCatchUncaughtExceptions().pollDelay(Duration.ZERO)
                .until(() -> Arrays.stream(caller.getStackTrace())
                        .anyMatch(frame -> frame.getMethodName().equals("awaitTermination")));
        gate.countDown();
        caller.join();
    }

    /// What a race may be expected to do. The names are the rows of the table.
    enum Promise {
        FIRST_SUCCESS("a faster failure does not win") {
            @Override
            boolean isKeptBy(Way way, RecordingThreads threads) throws Exception {
                var failing = new CompletableFuture<Thread>();
                Throwable thrown = catchThrowable(() -> way.race(threads, List.of(
                        () -> {
                            failing.complete(Thread.currentThread());
                            throw new IOException("fast");
                        },
                        () -> {
                            failing.get().join();
                            return "slow";
                        }), LONG));
                return thrown == null;
            }
        },
        EVERY_FAILURE("when all throw exceptions, all are reported") {
            @Override
            boolean isKeptBy(Way way, RecordingThreads threads) {
                var first = new IOException("first");
                var second = new IOException("second");
                Throwable thrown = catchThrowable(() -> way.race(threads,
                        List.of(failing(first), failing(second)), LONG));
                return Stream.concat(ExceptionUtils.getThrowableList(thrown).stream(),
                        Arrays.stream(thrown.getSuppressed())).toList()
                        .containsAll(List.of(first, second));
            }
        },
        ERROR_AS_ITSELF("an `Error` is rethrown as itself") {
            @Override
            boolean isKeptBy(Way way, RecordingThreads threads) throws Exception {
                Error error = new AssertionError("an error");
                Throwable thrown = catchThrowable(
                        () -> way.race(threads, List.of(failing(error)), LONG));
                threads.join();
                threads.drainUncaught();
                return error.equals(thrown);
            }
        },
        LOSERS_INTERRUPTED("losers are interrupted") {
            @Override
            boolean isKeptBy(Way way, RecordingThreads threads) throws Exception {
                var loser = new Stubborn();
                way.race(threads, List.of(loser, () -> {
                    loser.started.await();
                    return new Stubborn();
                }), LONG);
                return loser.wasInterrupted();
            }
        },
        LATE_RESULT_CLOSED("a late result is closed") {
            @Override
            boolean isKeptBy(Way way, RecordingThreads threads) throws Exception {
                var loser = new Stubborn();
                way.race(threads, List.of(loser, () -> {
                    loser.started.await();
                    return new Stubborn();
                }), LONG);
                loser.gate.countDown();
                threads.join();
                return loser.closed;
            }
        },
        DEADLINE("a deadline interrupts everyone") {
            @Override
            boolean isKeptBy(Way way, RecordingThreads threads) throws Exception {
                var competitor = new Stubborn();
                // A task that is cancelled before it runs could not tell of its interrupt.
                ThreadFactory secondAfterFirst = runnable -> {
                    if (threads.made().size() == 1) {
                        Uninterruptibles.awaitUninterruptibly(competitor.started);
                    }
                    return threads.newThread(runnable);
                };
                assertThatExceptionOfType(TimeoutException.class).isThrownBy(
                        () -> way.race(secondAfterFirst, List.of(competitor, competitor),
                                Duration.ofMillis(100)));
                return competitor.wasInterrupted();
            }
        },
        CALLER_INTERRUPTED("an interrupt of the caller, too") {
            @Override
            boolean isKeptBy(Way way, RecordingThreads threads) throws Exception {
                Thread caller = Thread.currentThread();
                var competitor = new Stubborn();
                assertThatExceptionOfType(InterruptedException.class).isThrownBy(
                        () -> way.race(threads, List.of(competitor, () -> {
                            competitor.started.await();
                            caller.interrupt();
                            return competitor.call();
                        }), LONG));
                return competitor.wasInterrupted();
            }
        },
        STAGGERED("starts only those that are needed") {
            @Override
            boolean isKeptBy(Way way, RecordingThreads threads) throws Exception {
                way.raceOneByOne(threads, List.of(() -> "first", () -> "second"));
                return threads.made().size() == 1;
            }
        },
        EMPTY_REFUSED("refuses an empty race") {
            @Override
            boolean isKeptBy(Way way, RecordingThreads threads) {
                Throwable thrown = catchThrowable(
                        () -> way.race(threads, List.of(), Duration.ofMillis(20)));
                return thrown instanceof IllegalArgumentException;
            }
        };

        final String row;

        Promise(String row) {
            this.row = row;
        }

        abstract boolean isKeptBy(Way way, RecordingThreads threads) throws Exception;
    }

    /// Who runs the race, with the promises that it keeps. The names are the columns of the table.
    enum Way {
        FIRST_RESPONSE("`FirstResponse`", Promise.values()) {
            @Override
            <T> T race(ThreadFactory threads, List<Callable<T>> competitors, Duration limit)
                    throws InterruptedException, ExecutionException, TimeoutException {
                return FirstResponse.<T>of(competitors).within(limit).threads(threads).get();
            }

            @Override
            <T> T raceOneByOne(ThreadFactory threads, List<Callable<T>> competitors)
                    throws InterruptedException, ExecutionException, TimeoutException {
                return FirstResponse.<T>of(competitors).staggeredBy(LONG).threads(threads).get();
            }
        },
        INVOKE_ANY("`invokeAny`", Promise.FIRST_SUCCESS, Promise.LOSERS_INTERRUPTED,
                Promise.DEADLINE, Promise.CALLER_INTERRUPTED, Promise.EMPTY_REFUSED) {
            @Override
            <T> T race(ThreadFactory threads, List<Callable<T>> competitors, Duration limit)
                    throws InterruptedException, ExecutionException, TimeoutException {
                return OtherWays.invokeAny(executor(threads), competitors, limit);
            }
        },
        COMPLETION_SERVICE("`ExecutorCompletionService`", Promise.FIRST_SUCCESS,
                Promise.LOSERS_INTERRUPTED, Promise.DEADLINE, Promise.CALLER_INTERRUPTED) {
            @Override
            <T> T race(ThreadFactory threads, List<Callable<T>> competitors, Duration limit)
                    throws InterruptedException, ExecutionException, TimeoutException {
                return OtherWays.completionService(executor(threads), competitors, limit);
            }
        },
        ANY_OF("`anyOf`") {
            @Override
            <T> T race(ThreadFactory threads, List<Callable<T>> competitors, Duration limit)
                    throws InterruptedException, ExecutionException, TimeoutException {
                return OtherWays.anyOf(executor(threads), competitors, limit);
            }
        },
        IN_COMPLETION_ORDER("Guava's `inCompletionOrder`", Promise.FIRST_SUCCESS,
                Promise.LOSERS_INTERRUPTED, Promise.DEADLINE, Promise.CALLER_INTERRUPTED) {
            @Override
            <T> T race(ThreadFactory threads, List<Callable<T>> competitors, Duration limit)
                    throws InterruptedException, ExecutionException, TimeoutException {
                return OtherWays.inCompletionOrder(executor(threads), competitors, limit);
            }
        };

        final String column;
        final ImmutableSet<Promise> promises;

        Way(String column, Promise... promises) {
            this.column = column;
            this.promises = ImmutableSet.copyOf(promises);
        }

        abstract <T> T race(ThreadFactory threads, List<Callable<T>> competitors, Duration limit)
                throws InterruptedException, ExecutionException, TimeoutException;

        /// As staggered as it can be: by default, not at all.
        <T> T raceOneByOne(ThreadFactory threads, List<Callable<T>> competitors)
                throws InterruptedException, ExecutionException, TimeoutException {
            return race(threads, competitors, LONG);
        }

        private static ExecutorService executor(ThreadFactory threads) {
            return Executors.newThreadPerTaskExecutor(threads);
        }
    }

    /// A competitor that goes on when it is interrupted, and is its own result.
    private static final class Stubborn implements Callable<AutoCloseable>, AutoCloseable {

        private final CountDownLatch started = new CountDownLatch(1);
        private final CountDownLatch gate = new CountDownLatch(1);
        private final CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        private volatile boolean closed;

        @Override
        public AutoCloseable call() {
            started.countDown();
            Uninterruptibles.awaitUninterruptibly(gate);
            interrupted.complete(Thread.currentThread().isInterrupted());
            return this;
        }

        /// Lets it go on, and tells whether it had been interrupted before.
        boolean wasInterrupted() throws Exception {
            gate.countDown();
            return interrupted.get();
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}

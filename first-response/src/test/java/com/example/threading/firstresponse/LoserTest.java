package com.example.threading.firstresponse;

import static com.example.threading.firstresponse.Competitors.failing;
import static com.example.threading.firstresponse.Competitors.onceInterrupted;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.example.threading.common.Caller;
import com.example.threading.common.NoLeaks;
import com.example.threading.firstresponse.Competitors.Blocked;
import com.example.threading.firstresponse.Competitors.Resource;
import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What becomes of the losers, and of the results that they have all the same.
@ExtendWith(NoLeaks.class)
class LoserTest {

    @AutoClose
    private final RecordingThreads threads = new RecordingThreads();

    @Test
    void everyLoserIsInterrupted() throws Exception {
        List<Blocked> losers = IntStream.range(0, 100).mapToObj(_ -> new Blocked()).toList();
        List<Callable<String>> competitors = new ArrayList<>(losers);
        competitors.add(() -> {
            for (Blocked loser : losers) {
                loser.started.await();
            }
            return "won";
        });

        assertThat(FirstResponse.of(competitors).threads(threads).get()).isEqualTo("won");

        for (Blocked loser : losers) {
            loser.assertInterrupted();
        }
    }

    @Test
    void theCallerDoesNotWaitForALoserThatIgnoresItsInterrupt() throws Exception {
        var gate = new CountDownLatch(1);
        var interruptedBeforeTheGateOpened = new CompletableFuture<Boolean>();

        String winner = threads.race(
                () -> {
                    Uninterruptibles.awaitUninterruptibly(gate);
                    interruptedBeforeTheGateOpened.complete(Thread.interrupted());
                    return "late";
                },
                () -> "won").get();
        gate.countDown();

        assertThat(winner).isEqualTo("won");
        assertThat(interruptedBeforeTheGateOpened.get()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void aSuccessAfterTheRaceIsClosedOnce(Ending ending) throws Exception {
        var late = new Resource();
        var gate = new CountDownLatch(1);

        ending.end(threads, () -> {
            Uninterruptibles.awaitUninterruptibly(gate);
            return late;
        });
        assertThat(late.closed).hasValue(0);
        gate.countDown();
        threads.join();

        assertThat(late.closed).hasValue(1);
    }

    @Test
    void ofSuccessesReadyTogetherOneWinsAndTheOthersAreClosed() throws Exception {
        int successes = 16;
        List<Resource> ready = IntStream.range(0, successes).mapToObj(_ -> new Resource())
                .toList();
        var gate = new CountDownLatch(1);
        var answered = new CountDownLatch(successes);
        List<Callable<Resource>> competitors = new ArrayList<>();
        for (Resource resource : ready) {
            competitors.add(() -> {
                gate.await();
                answered.countDown();
                return resource;
            });
        }
        competitors.add(failing(new IOException("not needed")));
        // The caller makes the threads: and meanwhile takes nothing off the queue.
        ThreadFactory lastWaitsForAllAnswers = runnable -> {
            if (threads.made().size() == successes) {
                gate.countDown();
                Uninterruptibles.awaitUninterruptibly(answered);
                threads.made().forEach(Caller::awaitWaiting);
            }
            return threads.newThread(runnable);
        };

        Resource winner = FirstResponse.of(competitors).threads(lastWaitsForAllAnswers).get();
        threads.join();

        assertThat(winner.closed).hasValue(0);
        assertThat(ready).filteredOn(resource -> !resource.equals(winner))
                .hasSize(successes - 1)
                .allSatisfy(loser -> assertThat(loser.closed).hasValue(1))
                .noneMatch(loser -> loser.interruptedInClose);
    }

    @Test
    void theResultOfTheWinnerStaysOpen() throws Exception {
        Resource winner = threads.race(Resource::new).get();
        threads.join();

        assertThat(winner.closed).hasValue(0);
    }

    @Test
    void theInterruptOfTheCallDoesNotDisturbTheClosing() throws Exception {
        var late = new Resource();

        threads.race(onceInterrupted(() -> {
            Thread.currentThread().interrupt();
            return late;
        }), Resource::new).get();
        threads.join();

        assertThat(late.closed).hasValue(1);
        assertThat(late.interruptedInClose).isFalse();
    }

    @Test
    void noResultIsClosedBeforeTheLastInterruptHasArrived() throws Exception {
        var gate = new CountDownLatch(1);
        var closing = new CountDownLatch(1);
        var closedTooEarly = new AtomicBoolean();
        // The caller, on its way to interrupt: now the late success comes, but must not close.
        ThreadFactory slowToInterrupt = runnable -> new Thread(runnable, "slow to interrupt") {
            @Override
            public void interrupt() {
                gate.countDown();
                if (Uninterruptibles.awaitUninterruptibly(closing, 50, MILLISECONDS)) {
                    closedTooEarly.set(true);
                }
                super.interrupt();
            }
        };

        FirstResponse.<AutoCloseable>of(
                () -> {
                    Uninterruptibles.awaitUninterruptibly(gate);
                    return closing::countDown;
                },
                Resource::new).threads(slowToInterrupt).get();

        assertThat(closedTooEarly).isFalse();
        closing.await();
    }

    @Test
    void aLoserIsToldOfItsDefeatThoughAnInterruptFails() throws Exception {
        var late = new Resource();
        var first = new Resource();
        var gate = new CountDownLatch(1);
        var failure = new IllegalStateException("cannot be interrupted");
        List<Thread> made = new ArrayList<>();
        ThreadFactory uninterruptible = runnable -> {
            made.add(new Thread(runnable, "uninterruptible") {
                @Override
                public void interrupt() {
                    gate.countDown();
                    throw failure;
                }
            });
            return made.getLast();
        };

        Throwable thrown = catchThrowable(FirstResponse.of(
                () -> {
                    Uninterruptibles.awaitUninterruptibly(gate);
                    return late;
                },
                () -> first).threads(uninterruptible)::get);

        assertThat(thrown).isSameAs(failure);
        for (Thread thread : made) {
            assertThat(thread.join(Duration.ofSeconds(20))).isTrue();
        }
        assertThat(late.closed).hasValue(1);
    }

    @Test
    void whatClosingNamesIsClosedInPlaceOfTheResult() throws Exception {
        var late = new Envelope(new Resource());
        var won = new Envelope(new Resource());

        Envelope winner = threads.race(onceInterrupted(() -> late), () -> won)
                .closing(Envelope::content).get();
        threads.join();

        assertThat(winner).isSameAs(won);
        assertThat(winner.content.closed).hasValue(0);
        assertThat(late.content.closed).hasValue(1);
        assertThat(late.content.interruptedInClose).isFalse();
    }

    @Test
    void whatIsNoResourceIsNotClosed() throws Exception {
        var late = new Resource();

        threads.race(onceInterrupted(() -> new Envelope(late)), () -> "won").get();
        threads.join();

        assertThat(late.closed).hasValue(0);
    }

    @Test
    void closingIsNotAskedForANullResult() throws Exception {
        Callable<@Nullable Envelope> returnsNull = onceInterrupted(() -> null);

        threads.<@Nullable Envelope>race(returnsNull, () -> null).closing(_ -> {
            throw new AssertionError("there is nothing to close");
        }).get();
    }

    /// A result that holds a resource, and is not closeable itself.
    private record Envelope(Resource content) {}

    @Test
    void aFailureToCloseReachesTheHandlerOfItsThread() throws Exception {
        Exception failure = new IOException("cannot close");
        AutoCloseable unclosable = () -> {
            throw failure;
        };

        threads.race(onceInterrupted(() -> unclosable), Resource::new).get();

        assertThat(threads.takeUncaught())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a loser's result could not be closed")
                .hasCause(failure);
    }

    /// How a race can end before a slow competitor succeeds.
    enum Ending {
        WIN {
            @Override
            void end(ThreadFactory threads, Callable<Resource> slow) throws Exception {
                FirstResponse.of(slow, Resource::new).threads(threads).get();
            }
        },
        DEADLINE {
            @Override
            void end(ThreadFactory threads, Callable<Resource> slow) {
                assertThatExceptionOfType(TimeoutException.class).isThrownBy(FirstResponse.of(slow)
                        .within(Duration.ofMillis(100)).threads(threads)::get);
            }
        },
        INTERRUPT {
            @Override
            void end(ThreadFactory threads, Callable<Resource> slow) {
                Thread caller = Thread.currentThread();
                assertThatExceptionOfType(InterruptedException.class).isThrownBy(FirstResponse.of(
                        slow,
                        () -> {
                            caller.interrupt();
                            return onceInterrupted(Resource::new).call();
                        }).threads(threads)::get);
            }
        };

        abstract void end(ThreadFactory threads, Callable<Resource> slow) throws Exception;
    }
}

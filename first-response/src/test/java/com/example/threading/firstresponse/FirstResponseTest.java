package com.example.threading.firstresponse;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.example.threading.common.NoLeaks;
import com.example.threading.firstresponse.FirstResponse.AllFailedException;
import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The contract of [FirstResponse], claim by claim.
@ExtendWith(NoLeaks.class)
class FirstResponseTest {

    private static final Duration A_DAY = Duration.ofDays(1);
    private static final Duration FOREVER = ChronoUnit.FOREVER.getDuration();

    @AutoClose
    private final RecordingThreads threads = new RecordingThreads();

    @SafeVarargs
    @SuppressWarnings("varargs") // The array is passed on, and never written to.
    private <T extends @Nullable Object> FirstResponse<T> race(
            Callable<? extends T>... competitors) {
        return FirstResponse.<T>of(competitors).threads(threads);
    }

    @Nested
    class Winning {

        @Test
        void theFirstSuccessWins() throws Exception {
            assertThat(race(new Blocked(), () -> "fast", new Blocked()).get()).isEqualTo("fast");
        }

        @Test
        void aFasterFailureDoesNotWin() throws Exception {
            var failing = new CompletableFuture<Thread>();

            String winner = race(
                    () -> {
                        failing.complete(Thread.currentThread());
                        throw new IOException("fast");
                    },
                    () -> {
                        // A thread that has ended has put its failure on the queue.
                        failing.get().join();
                        return "slow";
                    }).get();

            assertThat(winner).isEqualTo("slow");
        }

        @Test
        void ofTwoSuccessesTheEarlierWins() throws Exception {
            var earlier = new CompletableFuture<Thread>();
            // The caller makes the threads: so long it takes nothing off the queue.
            ThreadFactory lastWaitsForTheOthers = runnable -> {
                if (threads.made().size() == 2) {
                    threads.made().forEach(Uninterruptibles::joinUninterruptibly);
                }
                return threads.newThread(runnable);
            };

            String winner = FirstResponse.of(
                    () -> {
                        earlier.get().join();
                        return "later";
                    },
                    () -> {
                        earlier.complete(Thread.currentThread());
                        return "earlier";
                    },
                    new Blocked()).threads(lastWaitsForTheOthers).get();

            assertThat(winner).isEqualTo("earlier");
        }

        @Test
        void aNullResultIsASuccess() throws Exception {
            Callable<@Nullable String> returnsNull = () -> null;

            assertThat(FirstResponse.of(returnsNull).threads(threads).get()).isNull();
        }

        @Test
        void competitorsCanComeInACollectionOfSubtypes() throws Exception {
            List<Callable<Integer>> competitors = List.of(() -> 42);

            Number winner = FirstResponse.<Number>of(competitors).threads(threads).get();

            assertThat(winner).isEqualTo(42);
        }
    }

    @Nested
    class WhenAllFail {

        private final Exception first = new IOException("first");
        private final Exception second = new IllegalStateException("second");
        private final Exception third = new IOException("third");

        @Test
        void everyFailureIsReportedInTheOrderOfTheCompetitors() {
            var secondHasFailed = new CountDownLatch(1);
            var thirdHasFailed = new CountDownLatch(1);

            AllFailedException thrown = catchThrowableOfType(AllFailedException.class, race(
                    () -> {
                        secondHasFailed.await();
                        throw first;
                    },
                    () -> {
                        thirdHasFailed.await();
                        secondHasFailed.countDown();
                        throw second;
                    },
                    () -> {
                        thirdHasFailed.countDown();
                        throw third;
                    })::get);

            assertThat(thrown)
                    .isInstanceOf(ExecutionException.class)
                    .hasMessage("all 3 competitors failed");
            assertThat(thrown.failures()).containsExactly(first, second, third);
            assertThat(thrown.getCause()).isSameAs(first);
            assertThat(thrown.getSuppressed()).containsExactly(second, third);
        }

        @Test
        void oneExceptionThrownByAllIsReportedForEach() {
            AllFailedException thrown = catchThrowableOfType(AllFailedException.class,
                    race(failing(first), failing(first))::get);

            assertThat(thrown.failures()).containsExactly(first, first);
        }

        @Test
        void aCompetitorsOwnInterruptedExceptionIsItsFailure() {
            Exception interrupted = new InterruptedException("not the caller's");

            AllFailedException thrown = catchThrowableOfType(AllFailedException.class,
                    race(failing(interrupted), failing(second))::get);

            assertThat(thrown.failures()).containsExactly(interrupted, second);
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        }

        @Test
        void theFirstErrorIsRethrownAsItselfWithTheOthersSuppressed() throws Exception {
            Error error = new AssertionError("an error");
            Error another = new StackOverflowError("another error");

            Throwable thrown = catchThrowable(
                    race(failing(first), failing(error), failing(another), failing(third))::get);

            assertThat(thrown).isSameAs(error);
            assertThat(thrown.getSuppressed()).containsExactly(first, another, third);
            assertThat(List.of(threads.takeUncaught(), threads.takeUncaught()))
                    .containsExactlyInAnyOrder(error, another);
        }

        @Test
        void oneErrorThrownByAllIsRethrown() throws Exception {
            Error error = new AssertionError("an error");

            Throwable thrown = catchThrowable(race(failing(error), failing(error))::get);

            assertThat(thrown).isSameAs(error);
            assertThat(List.of(threads.takeUncaught(), threads.takeUncaught()))
                    .containsExactly(error, error);
        }

        @Test
        void anErrorThatOnlyEqualsTheFirstIsSuppressed() throws Exception {
            Error error = new EqualToAllOfItsKind();
            Error another = new EqualToAllOfItsKind();

            Throwable thrown = catchThrowable(race(failing(error), failing(another))::get);

            assertThat(thrown).isSameAs(error);
            assertThat(thrown.getSuppressed()).satisfiesExactly(
                    suppressed -> assertThat(suppressed).isSameAs(another));
            assertThat(List.of(threads.takeUncaught(), threads.takeUncaught()))
                    .containsExactlyInAnyOrder(error, another);
        }
    }

    @Nested
    class WhenAnotherWins {

        @Test
        void anErrorReachesTheHandlerOfItsThread() throws Exception {
            Error error = new AssertionError("an error");
            var handled = new CompletableFuture<Throwable>();

            String winner = race(failing(error), () -> {
                handled.complete(threads.takeUncaught());
                return "won";
            }).get();

            assertThat(winner).isEqualTo("won");
            assertThat(handled).isCompletedWithValue(error);
        }

        @Test
        void anErrorOfALoserReachesTheHandlerOfItsThread() throws Exception {
            Error error = new AssertionError("late");

            assertThat(race(onceInterrupted(failing(error)), () -> "won").get()).isEqualTo("won");

            assertThat(threads.takeUncaught()).isSameAs(error);
        }
    }

    @Nested
    class Losers {

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

            String winner = race(
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
            // The caller makes the threads: so long it takes nothing off the queue.
            ThreadFactory lastWaitsForAllAnswers = runnable -> {
                if (threads.made().size() == successes) {
                    gate.countDown();
                    Uninterruptibles.awaitUninterruptibly(answered);
                    threads.made().forEach(FirstResponseTest::awaitParked);
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
            Resource winner = race(Resource::new).get();
            threads.join();

            assertThat(winner.closed).hasValue(0);
        }

        @Test
        void theInterruptOfTheCallDoesNotDisturbTheClosing() throws Exception {
            var late = new Resource();

            race(onceInterrupted(() -> {
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
            assertThat(first.closed).as("the caller did not get it").hasValue(1);
        }

        @Test
        void aFailureToCloseReachesTheHandlerOfItsThread() throws Exception {
            Exception failure = new IOException("cannot close");
            AutoCloseable unclosable = () -> {
                throw failure;
            };

            race(onceInterrupted(() -> unclosable), Resource::new).get();

            assertThat(threads.takeUncaught())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("a loser's result could not be closed")
                    .hasCause(failure);
        }
    }

    @Nested
    class Deadline {

        @Test
        void itInterruptsEveryoneAndReportsTheFailuresSoFar() throws Exception {
            var first = new IOException("first");
            var third = new IOException("third");
            var blocked = new Blocked();
            var thirdThread = new CompletableFuture<Thread>();
            // Once it has started the last, the caller finds both failures on the queue.
            ThreadFactory lastWaitsForTheFailures = runnable -> {
                if (threads.made().size() == 3) {
                    Uninterruptibles.joinUninterruptibly(threads.made().get(0));
                    Uninterruptibles.awaitUninterruptibly(blocked.started);
                }
                return threads.newThread(runnable);
            };

            TimeoutException thrown = catchThrowableOfType(TimeoutException.class,
                    FirstResponse.of(
                            () -> {
                                thirdThread.get().join();
                                throw first;
                            },
                            blocked,
                            () -> {
                                thirdThread.complete(Thread.currentThread());
                                throw third;
                            },
                            new Blocked())
                            .within(Duration.ofMillis(300))
                            .threads(lastWaitsForTheFailures)::get);

            assertThat(thrown).hasMessage(
                    "no success within PT0.3S: 4 of 4 competitors started, 2 failed");
            assertThat(thrown.getSuppressed()).containsExactly(first, third);
            blocked.assertInterrupted();
        }

        @Test
        void anErrorBeforeItIsSuppressedAndReachesTheHandlerOfItsThread() throws Exception {
            Error error = new AssertionError("an error");
            ThreadFactory lastWaitsForTheError = runnable -> {
                threads.made().forEach(Uninterruptibles::joinUninterruptibly);
                return threads.newThread(runnable);
            };

            Throwable thrown = catchThrowable(FirstResponse.of(failing(error), new Blocked())
                    .within(Duration.ofMillis(300)).threads(lastWaitsForTheError)::get);

            assertThat(thrown).isInstanceOf(TimeoutException.class);
            assertThat(thrown.getSuppressed()).containsExactly(error);
            assertThat(threads.takeUncaught()).isSameAs(error);
        }

        /// Each failure, and each start, leaves less of it; all together would take two seconds.
        @Test
        void itIsCountedFromTheCallWhateverHappensMeanwhile() {
            Callable<String> failsSoon = () -> {
                new CountDownLatch(1).await(50, MILLISECONDS);
                throw new IOException("soon");
            };

            assertThatExceptionOfType(TimeoutException.class).isThrownBy(
                    FirstResponse.of(Collections.nCopies(40, failsSoon))
                            .staggeredBy(A_DAY).within(Duration.ofMillis(200))
                            .threads(threads)::get);
        }

        @Test
        void itPassesNoSoonerThanAsked() {
            Duration limit = Duration.ofMillis(30);
            long began = System.nanoTime();

            assertThatExceptionOfType(TimeoutException.class)
                    .isThrownBy(race(new Blocked()).within(limit)::get);

            assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(limit);
        }

        @Test
        void itEndsARaceWhoseNextStartIsFarOff() {
            assertThatExceptionOfType(TimeoutException.class)
                    .isThrownBy(race(new Blocked(), () -> "too late")
                            .staggeredBy(A_DAY)
                            .within(Duration.ofMillis(100))::get)
                    .withMessage(
                            "no success within PT0.1S: 1 of 2 competitors started, 0 failed");

            assertThat(threads.made()).hasSize(1);
        }

        @Test
        void forEverDoesNotOverflow() throws Exception {
            String winner = race(failing(new IOException("first")), () -> "second")
                    .staggeredBy(FOREVER)
                    .within(FOREVER)
                    .get();

            assertThat(winner).isEqualTo("second");
        }
    }

    @Nested
    class Stagger {

        @Test
        void withoutOneAllRunAtOnce() throws Exception {
            var allHaveStarted = new CountDownLatch(3);
            Callable<String> meeting = () -> {
                allHaveStarted.countDown();
                allHaveStarted.await();
                return "met";
            };

            assertThat(race(meeting, meeting, meeting).get()).isEqualTo("met");
        }

        @Test
        void whoIsNotNeededNeverStarts() throws Exception {
            String winner = race(() -> "first", () -> "second").staggeredBy(A_DAY).get();

            assertThat(winner).isEqualTo("first");
            assertThat(threads.made()).hasSize(1);
        }

        @Test
        void theNextStartsAfterTheDelayAndNoSooner() throws Exception {
            Duration delay = Duration.ofMillis(30);
            long began = System.nanoTime();

            long secondBegan = FirstResponse.<Long>of(onceInterrupted(() -> 0L), System::nanoTime)
                    .staggeredBy(delay).threads(threads).get();

            assertThat(Duration.ofNanos(secondBegan - began)).isGreaterThanOrEqualTo(delay);
        }

        @Test
        void theNextStartsAtOnceWhenTheOneBeforeFails() throws Exception {
            String winner = race(
                    failing(new IOException("first")),
                    failing(new IOException("second")),
                    () -> "third")
                    .staggeredBy(A_DAY).get();

            assertThat(winner).isEqualTo("third");
        }

        @Test
        void theFailureOfAnEarlierOneLeavesTheHeadStartAsItIs() throws Exception {
            Duration delay = Duration.ofMillis(50);
            var secondRuns = new CountDownLatch(1);
            List<Long> starts = new ArrayList<>();
            ThreadFactory timed = runnable -> {
                starts.add(System.nanoTime());
                return threads.newThread(runnable);
            };

            FirstResponse.of(
                    () -> {
                        secondRuns.await();
                        throw new IOException("the second is still running");
                    },
                    () -> {
                        secondRuns.countDown();
                        return new Blocked().call();
                    },
                    () -> "third")
                    .staggeredBy(delay).threads(timed).get();

            assertThat(Duration.ofNanos(starts.get(2) - starts.get(1)))
                    .isGreaterThanOrEqualTo(delay);
        }
    }

    @Nested
    class Caller {

        @Test
        void anInterruptedCallerInterruptsEveryone() {
            Thread caller = Thread.currentThread();
            var first = new Blocked();
            var second = new Blocked();

            assertThatExceptionOfType(InterruptedException.class)
                    .isThrownBy(race(first, second, () -> {
                        first.started.await();
                        second.started.await();
                        caller.interrupt();
                        return new Blocked().call();
                    })::get);

            first.assertInterrupted();
            second.assertInterrupted();
            assertThat(caller.isInterrupted()).isFalse();
        }

        @Test
        void anInterruptOfTheCallerTellsTheFailuresSoFar() {
            Thread caller = Thread.currentThread();
            Exception failure = new IOException("so far");

            // The second starts once the caller knows of the failure.
            Throwable thrown = catchThrowable(race(failing(failure), () -> {
                caller.interrupt();
                return new Blocked().call();
            }).staggeredBy(A_DAY)::get);

            assertThat(thrown).isInstanceOf(InterruptedException.class);
            assertThat(thrown.getSuppressed()).containsExactly(failure);
        }

        @Test
        void aCallerInterruptedBeforehandStartsNobody() {
            Thread.currentThread().interrupt();

            assertThatExceptionOfType(InterruptedException.class)
                    .isThrownBy(race(() -> "fast")::get);

            assertThat(threads.made()).isEmpty();
        }
    }

    @Nested
    class Threads {

        @Test
        void unlessToldOtherwiseTheyAreVirtualAndNamed() throws Exception {
            Thread thread = FirstResponse.of(Thread::currentThread).get();

            assertThat(thread.isVirtual()).isTrue();
            assertThat(thread.getName()).matches("first-response-\\d+");
        }

        @Test
        void eachCompetitorHasOneOfItsOwnThatIsADaemon() throws Exception {
            ThreadFactory users = Thread.ofPlatform().name("mine-", 0).daemon(false).factory();
            var met = new CountDownLatch(2);
            Callable<Thread> meeting = () -> {
                met.countDown();
                met.await();
                return Thread.currentThread();
            };

            Thread thread = FirstResponse.of(meeting, meeting).threads(users).get();

            assertThat(thread.getName()).matches("mine-[01]");
            assertThat(thread.isDaemon()).isTrue();
        }

        @ParameterizedTest
        @EnumSource
        void oneThatCannotBeStartedIsItsCompetitorsFailure(Unstartable unstartable) {
            AllFailedException thrown = catchThrowableOfType(AllFailedException.class,
                    race(() -> "never called", () -> "nor this")
                            .staggeredBy(A_DAY)
                            .threads(unstartable)::get);

            assertThat(thrown.failures()).hasSize(2)
                    .allSatisfy(e -> assertThat(e).isExactlyInstanceOf(unstartable.failure));
        }

        @Test
        void oneThatCannotBeStartedDoesNotStopTheRace() throws Exception {
            var calls = new AtomicInteger();
            ThreadFactory everySecond = runnable -> calls.incrementAndGet() % 2 == 0
                    ? threads.newThread(runnable)
                    : Unstartable.FACTORY_THROWS.newThread(runnable);

            assertThat(race(() -> "first", () -> "second").threads(everySecond).get())
                    .isEqualTo("second");
        }

        @Test
        void ifNoneCanBeStartedForWantOfMemoryThatErrorIsRethrown() {
            Error error = new OutOfMemoryError("unable to create native thread");
            ThreadFactory exhausted = _ -> {
                throw error;
            };

            assertThat(catchThrowable(race(() -> "never called").threads(exhausted)::get))
                    .isSameAs(error);
        }
    }

    @Nested
    class Description {

        @Test
        void aRaceCanBeRunAgainAndByManyCallersAtOnce() throws Exception {
            var answers = new AtomicInteger();
            var losers = new AtomicInteger();
            FirstResponse<Integer> race = race(
                    onceInterrupted(losers::incrementAndGet),
                    failing(new IOException("always")),
                    answers::incrementAndGet);

            Set<Integer> winners = ConcurrentHashMap.newKeySet();
            Callable<Boolean> caller = () -> {
                for (int i = 0; i < 50; i++) {
                    winners.add(race.get());
                }
                return true;
            };
            try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
                assertThat(callers.invokeAll(Collections.nCopies(8, caller)))
                        .allMatch(Future::resultNow);
            }
            threads.join();

            assertThat(winners).hasSize(8 * 50);
            assertThat(losers).hasValue(8 * 50);
        }

        @Test
        void eachSettingLeavesTheOriginalAsItWas() throws Exception {
            FirstResponse<String> original = race(() -> "won");
            original.within(Duration.ofNanos(1));
            original.staggeredBy(A_DAY);
            original.threads(Unstartable.FACTORY_THROWS);

            assertThat(original.get()).isEqualTo("won");
        }

        @Test
        void aChangeOfTheCollectionComesTooLate() throws Exception {
            List<Callable<String>> competitors = new ArrayList<>();
            competitors.add(() -> "won");
            FirstResponse<String> race = FirstResponse.of(competitors).threads(threads);
            competitors.clear();

            assertThat(race.get()).isEqualTo("won");
        }
    }

    @Nested
    class BadInput {

        private final FirstResponse<String> race = race(() -> "never called");

        @Test
        void noCompetitorsAreRefused() {
            assertThatIllegalArgumentException().isThrownBy(() -> FirstResponse.of())
                    .withMessage("competitors []; expected at least one, and none of them null");
            assertThatIllegalArgumentException().isThrownBy(() -> FirstResponse.of(List.of()))
                    .withMessage("competitors []; expected at least one, and none of them null");
        }

        @Test
        @SuppressWarnings("NullAway") // A null is what this test is about.
        void aNullCompetitorIsRefused() {
            Callable<String> good = () -> "good";

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> FirstResponse.of(good, null))
                    .withMessage(
                            "competitors [%s, null]; expected at least one, and none of them null",
                            good);
        }

        @ParameterizedTest
        @ValueSource(strings = {"PT0S", "PT-0.001S"})
        void aDeadlineThatIsNotPositiveIsRefused(Duration limit) {
            assertThatIllegalArgumentException().isThrownBy(() -> race.within(limit))
                    .withMessage("deadline %s; expected more than zero", limit);
        }

        @Test
        void aNegativeStaggerIsRefused() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> race.staggeredBy(Duration.ofNanos(-1)))
                    .withMessage("stagger PT-0.000000001S; expected zero or more");
        }

        @Test
        @SuppressWarnings("NullAway") // A null is what this test is about.
        void aNullFactoryIsRefused() {
            assertThatNullPointerException().isThrownBy(() -> race.threads(null))
                    .withMessage("thread factory null; expected one");
        }
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

    /// Why a thread may not start.
    enum Unstartable implements ThreadFactory {
        FACTORY_THROWS(IllegalStateException.class) {
            @Override
            public Thread newThread(Runnable runnable) {
                throw new IllegalStateException("no more threads");
            }
        },
        FACTORY_RETURNS_NULL(NullPointerException.class) {
            @Override
            @SuppressWarnings("NullAway") // As the interface allows.
            public Thread newThread(Runnable runnable) {
                return null;
            }
        },
        FACTORY_RETURNS_A_THREAD_THAT_HAS_RUN(IllegalThreadStateException.class) {
            @Override
            public Thread newThread(Runnable runnable) {
                Thread thread = Thread.startVirtualThread(() -> {});
                Uninterruptibles.joinUninterruptibly(thread);
                return thread;
            }
        };

        private final Class<? extends Exception> failure;

        Unstartable(Class<? extends Exception> failure) {
            this.failure = failure;
        }
    }

    /// A competitor that waits until it is interrupted.
    private static final class Blocked implements Callable<String> {

        private final CountDownLatch started = new CountDownLatch(1);
        private final CountDownLatch interrupted = new CountDownLatch(1);

        @Override
        public String call() throws Exception {
            started.countDown();
            return onceInterrupted(() -> {
                interrupted.countDown();
                return "interrupted";
            }).call();
        }

        void assertInterrupted() {
            assertThat(Uninterruptibles.awaitUninterruptibly(interrupted, 20, SECONDS)).isTrue();
        }
    }

    /// A result that counts how often it is closed.
    static final class Resource implements AutoCloseable {

        private final AtomicInteger closed = new AtomicInteger();
        private volatile boolean interruptedInClose;

        @Override
        public void close() {
            interruptedInClose = Thread.currentThread().isInterrupted();
            closed.incrementAndGet();
        }
    }

    @SuppressWarnings("ThrowableEqualsHashCode") // A user's error may do so all the same.
    private static final class EqualToAllOfItsKind extends Error {

        private static final long serialVersionUID = 1;

        @Override
        public boolean equals(Object other) {
            return other instanceof EqualToAllOfItsKind;
        }

        @Override
        public int hashCode() {
            return 1;
        }
    }

    private static <T> Callable<T> failing(Throwable failure) {
        return () -> {
            throw ExceptionUtils.<RuntimeException>asRuntimeException(failure);
        };
    }

    private static <T extends @Nullable Object> Callable<T> onceInterrupted(Callable<T> then) {
        return () -> {
            try {
                new CountDownLatch(1).await();
                throw new AssertionError("nobody opens it");
            } catch (InterruptedException e) {
                return then.call();
            }
        };
    }

    private static void awaitParked(Thread thread) {
        Awaitility.await().dontCatchUncaughtExceptions()
                .pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1))
                .until(() -> thread.getState() == Thread.State.WAITING);
    }
}

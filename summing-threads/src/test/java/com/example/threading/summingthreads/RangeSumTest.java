package com.example.threading.summingthreads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.example.threading.common.NoLeaks;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongUnaryOperator;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
class RangeSumTest {

    @AfterEach
    void noThreadIsLeftBehind() {
        Sums.assertNoSummingThreadIsAlive();
    }

    // ===== The sum =====

    @Test
    void sumsNumbersAndTerms() throws InterruptedException {
        // tag::range-sum[]
        int cores = Runtime.getRuntime().availableProcessors();
        long sum = RangeSum.sum(0, 1_000_000, cores);
        long squares = RangeSum.sum(0, 1_000_000, cores, i -> i * i);
        // end::range-sum[]
        assertThat(sum).isEqualTo(499_999_500_000L);
        assertThat(squares).isEqualTo(333_332_833_333_500_000L);
    }

    @Test
    void randomRangesSumToTheClosedFormByAnyNumberOfThreads() throws InterruptedException {
        Random random = Sums.seededRandom();
        for (int n = 0; n < 200; n++) {
            long low = random.nextLong() >> (24 + random.nextInt(40));
            long high = low + (random.nextInt(1 << 22) >> random.nextInt(22));
            int threads = 1 + random.nextInt(12);
            long expected = Sums.closedForm(low, high).longValueExact();
            assertThat(RangeSum.sum(low, high, threads)).isEqualTo(expected);
            assertThat(RangeSum.sum(low, high, threads, i -> i)).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 1000, Integer.MAX_VALUE})
    void anEmptyRangeSumsToZero(int threads) throws InterruptedException {
        assertThat(RangeSum.sum(5, 5, threads)).isZero();
        assertThat(RangeSum.sum(Long.MIN_VALUE, Long.MIN_VALUE, threads, _ -> 1)).isZero();
    }

    @ParameterizedTest
    @CsvSource({"0, 10, 1, 1", "0, 10, 3, 3", "0, 10, 10, 10", "0, 10, 11, 10",
            "-3, 7, 2147483647, 10"})
    void noMoreThreadsRunThanThereAreNumbers(long low, long high, int threads, int expected)
            throws InterruptedException {
        Set<Thread> seen = ConcurrentHashMap.newKeySet();
        RangeSum.sum(low, high, threads, _ -> seen.add(Thread.currentThread()) ? 1 : 0);
        assertThat(seen).hasSize(expected);
    }

    @Test
    void aSumOfNumbersIsSharedByThatManyThreads() throws InterruptedException {
        var caller = new Caller(() -> RangeSum.sum(Long.MIN_VALUE, Long.MAX_VALUE, 3));
        caller.start();
        assertThat(stateOnceWaiting(caller)).isEqualTo(Thread.State.WAITING);
        var alive = Thread.getAllStackTraces().keySet();
        caller.interrupt();
        caller.join();
        assertThat(alive).filteredOn(thread -> thread instanceof SummingThread).hasSize(3);
    }

    @Test
    void theTermIsAskedOnceForEachNumber() throws InterruptedException {
        Queue<Long> asked = new ConcurrentLinkedQueue<>();
        RangeSum.sum(-500, 500, 3, i -> {
            asked.add(i);
            return i;
        });
        assertThat(asked).hasSize(1000).doesNotHaveDuplicates().contains(-500L, 499L);
    }

    /// Also where `high - low` does not fit a `long`.
    @ParameterizedTest
    @CsvSource({ //
            "0, 10, 3", "0, 12, 3", "0, 2, 2", "-5, 5, 4", "0, 1000000007, 1000",
            "-9223372036854775808, 9223372036854775807, 1",
            "-9223372036854775808, 9223372036854775807, 2",
            "-9223372036854775808, 9223372036854775807, 7",
            "-9223372036854775808, 9223372036854775807, 100",
            "9223372036854775800, 9223372036854775807, 3",
            "-9223372036854775808, -9223372036854775800, 3"})
    void subrangesAreAdjacentAndTheirLengthsDifferByAtMostOne(long low, long high, int parts) {
        var ranges = RangeSum.split(low, high, parts, List::of);
        var lengths = new ArrayList<BigInteger>();
        long expectedStart = low;
        for (List<Long> range : ranges) {
            assertThat(range.getFirst()).isEqualTo(expectedStart).isLessThan(range.getLast());
            expectedStart = range.getLast();
            lengths.add(BigInteger.valueOf(range.getLast())
                    .subtract(BigInteger.valueOf(range.getFirst())));
        }
        assertThat(ranges).hasSize(parts);
        assertThat(expectedStart).isEqualTo(high);
        lengths.sort(null);
        assertThat(lengths.getLast().subtract(lengths.getFirst()))
                .isBetween(BigInteger.ZERO, BigInteger.ONE);
    }

    // ===== Overflow =====

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void aSumThatFitsIsGivenThoughItsPartsDoNotFit(int threads) throws InterruptedException {
        LongUnaryOperator upThenDown = i -> i < 2 ? Long.MAX_VALUE : Long.MIN_VALUE;
        assertThat(RangeSum.sum(0, 4, threads, upThenDown)).isEqualTo(-2);
    }

    @Test
    void theLargestAndTheSmallestLongAreSums() throws InterruptedException {
        assertThat(RangeSum.sum(0, 2, 2, i -> Long.MAX_VALUE - i * Long.MAX_VALUE))
                .isEqualTo(Long.MAX_VALUE);
        assertThat(RangeSum.sum(0, 2, 2, i -> i * Long.MIN_VALUE)).isEqualTo(Long.MIN_VALUE);
        assertThat(RangeSum.sum(Long.MIN_VALUE, Long.MIN_VALUE + 1, 2)).isEqualTo(Long.MIN_VALUE);
    }

    @Test
    void aSumThatDoesNotFitTellsHowLargeItIs() {
        assertThatExceptionOfType(ArithmeticException.class)
                .isThrownBy(() -> RangeSum.sum(Long.MAX_VALUE - 3, Long.MAX_VALUE, 2))
                .withMessage("sum over [9223372036854775804, 9223372036854775807)"
                        + " does not fit a long: it is 27670116110564327415");
        assertThatExceptionOfType(ArithmeticException.class)
                .isThrownBy(() -> RangeSum.sum(0, 100_000, 3, _ -> Long.MIN_VALUE))
                .withMessage("sum over [0, 100000) does not fit a long: it is "
                        + BigInteger.valueOf(Long.MIN_VALUE).multiply(BigInteger.valueOf(100_000)));
    }

    /// The number after `Long.MAX_VALUE` is the first that does not fit.
    @Test
    void oneMoreThanALongCanHoldDoesNotFit() {
        assertThatExceptionOfType(ArithmeticException.class)
                .isThrownBy(() -> RangeSum.sum(0, 2, 1, i -> i == 0 ? Long.MAX_VALUE : 1))
                .withMessageEndingWith("it is 9223372036854775808");
        assertThatExceptionOfType(ArithmeticException.class)
                .isThrownBy(() -> RangeSum.sum(0, 2, 1, i -> i == 0 ? Long.MIN_VALUE : -1))
                .withMessageEndingWith("it is -9223372036854775809");
    }

    // ===== Bad input =====

    @Test
    void badInputIsRefusedByName() {
        assertThatIllegalArgumentException().isThrownBy(() -> RangeSum.sum(2, 1, 2))
                .withMessage("low must not exceed high: 2 > 1");
        assertThatIllegalArgumentException().isThrownBy(() -> RangeSum.sum(2, 1, 2, i -> i))
                .withMessage("low must not exceed high: 2 > 1");
        assertThatIllegalArgumentException().isThrownBy(() -> RangeSum.sum(0, 1, 0))
                .withMessage("threads must be at least 1: 0");
        assertThatIllegalArgumentException().isThrownBy(() -> RangeSum.sum(0, 1, -1, i -> i))
                .withMessage("threads must be at least 1: -1");
    }

    @Test
    @SuppressWarnings("NullAway") // A caller without a null checker can pass it.
    void aTermThatIsNullIsRefused() {
        assertThatNullPointerException().isThrownBy(() -> RangeSum.sum(0, 0, 1, null))
                .withMessage("term");
    }

    // ===== Failure =====

    static List<Throwable> anyFailureAtAll() {
        return List.of(new IllegalArgumentException("bad"), new StackOverflowError("deep"),
                new IOException("a checked exception, past the compiler"));
    }

    @ParameterizedTest
    @MethodSource("anyFailureAtAll")
    void whatATermThrowsIsThrownItself(Throwable failure) {
        assertThat(catchThrowable(
                () -> RangeSum.sum(0, 100, 3, i -> i == 50 ? ExceptionUtils.rethrow(failure) : i)))
                .isSameAs(failure).hasNoSuppressedExceptions();
    }

    /// Whichever of the threads fails: the caller does not wait for them in turn.
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2})
    void aTermThatThrowsInterruptsTermsThatWait(long failing) {
        var gate = new CountDownLatch(1);
        var othersWait = new CountDownLatch(2);
        var failure = new IllegalStateException("on purpose");
        Throwable thrown = catchThrowable(() -> RangeSum.sum(0, 3, 3, i -> {
            if (i == failing) {
                Sums.await(othersWait);
                throw failure;
            }
            othersWait.countDown();
            Sums.await(gate);
            return i;
        }));
        assertThat(thrown).isSameAs(failure);
        assertThat(failure.getSuppressed()).hasSize(2)
                .hasOnlyElementsOfType(Sums.InterruptedWhileWaiting.class);
    }

    /// Uninterrupted, the others would take some hundred years.
    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, 0})
    void aTermThatThrowsStopsTermsThatCompute(long failing) {
        var failure = new IllegalStateException("on purpose");
        assertThat(catchThrowable(() -> RangeSum.sum(Long.MIN_VALUE, Long.MAX_VALUE, 2, i -> {
            if (i == failing) {
                throw failure;
            }
            return 0;
        }))).isSameAs(failure).hasNoSuppressedExceptions();
    }

    @Test
    void theFirstFailureInTimeIsThrownAndLaterOnesAreSuppressed() {
        var first = new IllegalStateException("first in time, last in the range");
        var later = new IllegalStateException("first in the range, last in time");
        assertThat(thrownByTwo(first, later)).isSameAs(first);
        assertThat(first.getSuppressed()).containsExactly(later);
    }

    /// A thread that sees its interrupt ends by a cancellation too, but by none of the term's.
    @Test
    void aCancellationOfATermIsAFailureLikeAnyOther() {
        var first = new CancellationException("first in time");
        var later = new CancellationException("last in time");
        assertThat(thrownByTwo(first, later)).isSameAs(first);
        assertThat(first.getSuppressed()).containsExactly(later);
    }

    @Test
    void aFailureThatOnlyEqualsTheFirstIsSuppressed() {
        var first = new EqualToAllOfItsKind();
        var later = new EqualToAllOfItsKind();
        assertThat(thrownByTwo(first, later)).isSameAs(first);
        assertThat(first.getSuppressed()).satisfiesExactly(
                suppressed -> assertThat(suppressed).isSameAs(later));
    }

    /// An exception cannot be suppressed by itself: Throwable refuses that.
    @Test
    void oneFailureThrownByEveryThreadIsThrown() {
        var failure = new IllegalStateException("a constant");
        assertThat(catchThrowable(() -> RangeSum.sum(0, 10, 10, _ -> {
            throw failure;
        }))).isSameAs(failure).hasNoSuppressedExceptions();
    }

    @Test
    void aThreadThatCannotBeStartedStopsThoseThatWere() {
        var cannotStart = new OutOfMemoryError("unable to create native thread");
        var finished = new ArrayBlockingQueue<SummingThread>(2);
        var started = new QueueingThread(Long.MIN_VALUE, Long.MAX_VALUE, finished);
        var notStarted = new QueueingThread(0, 10, finished) {
            @Override
            public void start() {
                throw cannotStart;
            }
        };
        assertThat(catchThrowable(
                () -> RangeSum.joinAndAdd(List.of(started, notStarted), finished)))
                .isSameAs(cannotStart).hasNoSuppressedExceptions();
        assertThat(started.getState()).isEqualTo(Thread.State.TERMINATED);
        assertThat(notStarted.getState()).isEqualTo(Thread.State.NEW);
    }

    // ===== Interruption =====

    /// Uninterrupted, it would take some hundred years.
    @Test
    void anInterruptOfTheCallerEndsALongSum() throws InterruptedException {
        assertThat(interrupted(() -> RangeSum.sum(Long.MIN_VALUE, Long.MAX_VALUE, 3)))
                .isInstanceOf(InterruptedException.class).hasNoSuppressedExceptions();
    }

    @Test
    void anInterruptOfTheCallerEndsTermsThatCompute() throws InterruptedException {
        assertThat(interrupted(() -> RangeSum.sum(Long.MIN_VALUE, Long.MAX_VALUE, 3, _ -> 0)))
                .isInstanceOf(InterruptedException.class).hasNoSuppressedExceptions();
    }

    @Test
    void anInterruptOfTheCallerEndsTermsThatWaitAndKeepsWhatTheyThrow()
            throws InterruptedException {
        var gate = new CountDownLatch(1);
        var inTerm = new CountDownLatch(3);
        var caller = new Caller(() -> RangeSum.sum(0, 3, 3, _ -> {
            inTerm.countDown();
            Sums.await(gate);
            return 1;
        }));
        caller.start();
        inTerm.await();
        caller.interrupt();
        caller.join();
        assertThat(caller.thrown).isInstanceOf(InterruptedException.class);
        assertThat(caller.thrown.getSuppressed()).hasSize(3)
                .hasOnlyElementsOfType(Sums.InterruptedWhileWaiting.class);
    }

    @Test
    void noTermIsAskedByAThreadThatIsInterrupted() {
        var asked = new ArrayList<Long>();
        assertThatExceptionOfType(CancellationException.class)
                .isThrownBy(() -> RangeSum.sum(0, 10, 1, i -> {
                    asked.add(i);
                    if (i == 3) {
                        Thread.currentThread().interrupt();
                    }
                    return i;
                })).withMessage("sum of [0, 10) was interrupted at 4");
        assertThat(asked).containsExactly(0L, 1L, 2L, 3L);
    }

    /// A term that has been interrupted by the caller looks at what the caller does then.
    @Test
    void theCallerWaitsForATermThatIsSlowToEnd() throws InterruptedException {
        var inTerm = new CountDownLatch(1);
        var whileTermEnds = new AtomicReference<Thread.State>();
        var callers = new AtomicReference<Thread>();
        var caller = new Caller(() -> RangeSum.sum(0, 1, 1, _ -> {
            inTerm.countDown();
            assertThat(catchThrowable(() -> Sums.await(new CountDownLatch(1)))).isNotNull();
            whileTermEnds.set(stateOnceWaiting(callers.get()));
            return 1;
        }));
        callers.set(caller);
        caller.start();
        inTerm.await();
        caller.interrupt();
        caller.join();
        assertThat(whileTermEnds).hasValue(Thread.State.WAITING);
        assertThat(caller.thrown).isInstanceOf(InterruptedException.class);
    }

    /// The thread is on the queue before the caller looks there: when it waits, it waits to join.
    @Test
    void anInterruptBetweenTheQueueAndTheJoinLosesNoFailure() {
        var failure = new IllegalStateException("on purpose");
        Thread caller = Thread.currentThread();
        var failing = new SummingThread(0, 10) {
            @Override
            public void run() {
                super.run();
                assertThat(stateOnceWaiting(caller)).isEqualTo(Thread.State.WAITING);
                caller.interrupt();
                while (caller.isInterrupted()) {
                    Thread.onSpinWait();
                }
            }

            @Override
            protected BigInteger sum(long from, long to) {
                throw failure;
            }
        };
        var finished = new ArrayBlockingQueue<SummingThread>(1);
        finished.add(failing);
        assertThat(catchThrowable(() -> RangeSum.joinAndAdd(List.of(failing), finished)))
                .isSameAs(failure);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void aCallerThatIsAlreadyInterruptedGetsAnInterruptedException() {
        Thread.currentThread().interrupt();
        assertThat(catchThrowable(() -> RangeSum.sum(Long.MIN_VALUE, Long.MAX_VALUE, 2)))
                .isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
    }

    /// What a sum throws whose one thread fails, and whose other fails once it is interrupted.
    private static Throwable thrownByTwo(RuntimeException first, RuntimeException later) {
        var gate = new CountDownLatch(1);
        var waiting = new CountDownLatch(1);
        return catchThrowable(() -> RangeSum.sum(0, 2, 2, i -> {
            if (i == 1) {
                Sums.await(waiting);
                throw first;
            }
            waiting.countDown();
            assertThat(catchThrowable(() -> Sums.await(gate))).isNotNull();
            throw later;
        }));
    }

    /// What a call throws when its caller is interrupted while it waits for the sum.
    private static Throwable interrupted(Callable<Long> sum) throws InterruptedException {
        var caller = new Caller(sum);
        caller.start();
        assertThat(stateOnceWaiting(caller)).isEqualTo(Thread.State.WAITING);
        caller.interrupt();
        caller.join();
        return caller.thrown;
    }

    private static Thread.State stateOnceWaiting(Thread thread) {
        Thread.State state;
        do {
            Thread.onSpinWait();
            state = thread.getState();
        } while (state != Thread.State.WAITING && state != Thread.State.TERMINATED);
        return state;
    }

    /// Calls for a sum in a thread of its own, and sees to it that nothing runs on afterwards.
    private static final class Caller extends Thread {

        private final Callable<Long> sum;
        private Throwable thrown = new AssertionError("nothing was thrown");

        Caller(Callable<Long> sum) {
            super("caller");
            this.sum = sum;
        }

        @Override
        public void run() {
            thrown = catchThrowable(() -> {
                try {
                    sum.call();
                } finally {
                    Sums.assertNoSummingThreadIsAlive();
                }
            });
        }
    }

    @SuppressWarnings("ThrowableEqualsHashCode") // A user's exception may do so all the same.
    private static final class EqualToAllOfItsKind extends RuntimeException {

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

    private static class QueueingThread extends SummingThread {

        private final Queue<SummingThread> finished;

        QueueingThread(long low, long high, Queue<SummingThread> finished) {
            super(low, high);
            this.finished = finished;
        }

        @Override
        public void run() {
            super.run();
            finished.add(this);
        }
    }
}

package com.example.threading.summingthreads;

import static com.example.threading.summingthreads.Sums.finished;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.example.threading.common.Caller;
import com.example.threading.common.NoLeaks;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What an interrupt does: to one thread, and to the caller of a sum by several.
@ExtendWith(NoLeaks.class)
class InterruptionTest {

    @AfterEach
    void noThreadIsLeftBehind() {
        Sums.assertNoSummingThreadIsAlive();
    }

    // One thread

    /// Uninterrupted, it would take some hundred years.
    @Test
    void anInterruptEndsALongSumAndLeavesNoTotal() throws InterruptedException {
        var thread = new SummingThread(Long.MIN_VALUE, Long.MAX_VALUE);
        thread.start();
        thread.interrupt();
        thread.join();
        assertThatThrownBy(thread::total).isInstanceOf(CancellationException.class)
                .hasMessageContaining("sum of [-9223372036854775808, 9223372036854775807)"
                        + " was interrupted at -");
    }

    @Test
    void anInterruptInTheMiddleLeavesNoPartOfTheSum() throws InterruptedException {
        var thread = finished(new SummingThread(0, 1000, slowAndInterruptedIn(300, i -> i)));
        assertThatThrownBy(thread::total).isInstanceOf(CancellationException.class)
                .hasMessage("sum of [0, 1000) was interrupted at 301");
    }

    @Test
    void anInterruptInTheLastTermChangesNothing() throws InterruptedException {
        var thread = finished(new SummingThread(0, 10, slowAndInterruptedIn(9, i -> i)));
        assertThat(thread.total()).isEqualTo(45);
    }

    // How many terms follow

    @Test
    void noTermIsEvaluatedAfterAnInterruptWhereTermsAreSlow() throws InterruptedException {
        var evaluated = new ArrayList<Long>();
        finished(new SummingThread(0, 1000, slowAndInterruptedIn(3, i -> {
            evaluated.add(i);
            return i;
        })));
        assertThat(evaluated).containsExactly(0L, 1L, 2L, 3L);
    }

    @Test
    void atMost1023TermsAreEvaluatedAfterAnInterruptWhereTermsAreQuick()
            throws InterruptedException {
        for (int n = 0; n < 100; n++) {
            long interrupted = Sums.seededRandom().nextInt(100_000);
            var last = new AtomicLong();
            finished(new SummingThread(0, Long.MAX_VALUE, i -> {
                if (i == interrupted) {
                    Thread.currentThread().interrupt();
                }
                last.setPlain(i);
                return i;
            }));
            assertThat(last.get() - interrupted).isBetween(0L, 1023L);
        }
    }

    /// The 1024 terms after the first slow one may belong to the batch of quick ones.
    @Test
    void noTermIsEvaluatedAfterAnInterruptOnceSlowTermsFollowQuickOnes()
            throws InterruptedException {
        var last = new AtomicLong();
        LongUnaryOperator slow = slowAndInterruptedIn(101_024, i -> i);
        finished(new SummingThread(0, Long.MAX_VALUE, i -> {
            last.setPlain(i);
            return i < 100_000 ? i : slow.applyAsLong(i);
        }));
        assertThat(last).hasValue(101_024);
    }

    /// How quick a term is depends on the machine, so no more can be said of how batches grow.
    @Test
    void theFlagIsCheckedLessOftenWhereTermsAreQuickAndEvery1024TermsAtLeast()
            throws InterruptedException {
        var last = new AtomicLong(-1);
        List<Long> checkedAfter = new ArrayList<>();
        finished(new SummingThread(0, 1_000_000, i -> {
            last.setPlain(i);
            return i;
        }) {
            @Override
            public boolean isInterrupted() {
                checkedAfter.add(last.getPlain());
                return super.isInterrupted();
            }
        });
        checkedAfter.add(last.get());
        var batches = new ArrayList<Long>();
        for (int check = 1; check < checkedAfter.size(); check++) {
            batches.add(checkedAfter.get(check) - checkedAfter.get(check - 1));
        }
        assertThat(batches).startsWith(1L).allMatch(batch -> batch <= 1024)
                .anyMatch(batch -> batch > 2);
    }

    // The caller of a sum by several

    static List<Callable<Long>> sumsThatTakeAHundredYears() {
        return List.of(() -> RangeSum.sum(Long.MIN_VALUE, Long.MAX_VALUE, 3),
                () -> RangeSum.sum(Long.MIN_VALUE, Long.MAX_VALUE, 3, _ -> 0));
    }

    @ParameterizedTest
    @MethodSource("sumsThatTakeAHundredYears")
    void anInterruptOfTheCallerEndsALongSum(Callable<Long> sum) {
        var caller = callerWhoLooksForThreads(sum);
        caller.awaitWaiting();
        caller.interrupt();
        assertThat(caller.failure()).isInstanceOf(InterruptedException.class);
    }

    @Test
    void anInterruptOfTheCallerEndsTermsThatWait() throws InterruptedException {
        var gate = new CountDownLatch(1);
        var inTerm = new CountDownLatch(3);
        Queue<Throwable> ofTheTerms = new ConcurrentLinkedQueue<>();
        var caller = callerWhoLooksForThreads(() -> RangeSum.sum(0, 3, 3, _ -> {
            inTerm.countDown();
            ofTheTerms.add(catchThrowable(() -> Sums.await(gate)));
            return 1;
        }));
        inTerm.await();
        caller.interrupt();
        assertThat(caller.failure()).isInstanceOf(InterruptedException.class)
                .hasNoSuppressedExceptions();
        assertThat(ofTheTerms).hasSize(3).hasOnlyElementsOfType(Sums.InterruptedWhileWaiting.class);
    }

    /// A term that has been interrupted looks at what the caller does meanwhile.
    @Test
    void theCallerWaitsForATermThatIsSlowToEnd() throws InterruptedException {
        var inTerm = new CountDownLatch(1);
        var callersThread = new CompletableFuture<Thread>();
        var waited = new CountDownLatch(1);
        var caller = callerWhoLooksForThreads(() -> RangeSum.sum(0, 1, 1, _ -> {
            inTerm.countDown();
            assertThat(catchThrowable(() -> Sums.await(new CountDownLatch(1)))).isNotNull();
            Caller.awaitWaiting(callersThread.join());
            waited.countDown();
            return 1;
        }));
        callersThread.complete(caller.thread());
        inTerm.await();
        caller.interrupt();
        assertThat(caller.failure()).isInstanceOf(InterruptedException.class);
        assertThat(waited.getCount()).isZero();
    }

    @Test
    void aCallerThatIsAlreadyInterruptedGetsAnInterruptedException() {
        Thread.currentThread().interrupt();
        assertThat(catchThrowable(() -> RangeSum.sum(Long.MIN_VALUE, Long.MAX_VALUE, 2)))
                .isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void aTermThatInterruptsItsThreadCancelsTheSum() {
        assertThatThrownBy(() -> RangeSum.sum(0, 1000, 1, slowAndInterruptedIn(500, i -> i)))
                .isInstanceOf(CancellationException.class)
                .hasMessage("sum of [0, 1000) was interrupted at 501");
    }

    /// A term that takes longer than 2 microseconds, the bound between quick and slow, and that
    /// interrupts its thread in one number.
    private static LongUnaryOperator slowAndInterruptedIn(long number, LongUnaryOperator term) {
        return i -> {
            long start = System.nanoTime();
            while (System.nanoTime() - start < 2_000) {
                Thread.onSpinWait();
            }
            if (i == number) {
                Thread.currentThread().interrupt();
            }
            return term.applyAsLong(i);
        };
    }

    /// A call that also fails if a thread is left when it has returned or thrown.
    private static Caller<Long> callerWhoLooksForThreads(Callable<Long> sum) {
        return Caller.of(() -> {
            try {
                return sum.call();
            } finally {
                Sums.assertNoSummingThreadIsAlive();
            }
        });
    }
}

package com.example.threading.summingthreads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.example.threading.common.NoLeaks;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What the table of the page says about each of the other ways.
@ExtendWith(NoLeaks.class)
class OtherWaysTest {

    @Test
    void allGiveTheSameSum() throws Exception {
        long expected = RangeSum.sum(0, 1_000_000, 2, OtherWaysTest::square);
        assertThat(OtherWays.byParallelStream(0, 1_000_000, OtherWaysTest::square))
                .isEqualTo(expected);
        assertThat(OtherWays.byRecursiveTask(0, 1_000_000, OtherWaysTest::square))
                .isEqualTo(expected);
        List<Callable<Long>> parts = RangeSum.split(0, 1_000_000, 4,
                (low, high) -> () -> OtherWays.byParallelStream(low, high, OtherWaysTest::square));
        assertThat(OtherWays.byCallables(parts, 2)).isEqualTo(expected);
        var total = new LongAdder();
        List<Runnable> sources = RangeSum.split(0, 1_000_000, 4,
                (low, high) -> () -> total
                        .add(OtherWays.byParallelStream(low, high, OtherWaysTest::square)));
        assertThat(OtherWays.byLongAdder(sources, total)).isEqualTo(expected);
    }

    @Test
    void aLongAdderLosesNoUpdateOfManyThreads() {
        var total = new LongAdder();
        Runnable source = () -> IntStream.range(0, 1000).forEach(_ -> total.increment());
        assertThat(OtherWays.byLongAdder(Collections.nCopies(100, source), total))
                .isEqualTo(100_000);
    }

    @Test
    void noneOfThemNoticesOverflow() throws Exception {
        LongUnaryOperator max = _ -> Long.MAX_VALUE;
        assertThat(OtherWays.byParallelStream(0, 2, max)).isEqualTo(-2);
        assertThat(OtherWays.byRecursiveTask(0, 2, max)).isEqualTo(-2);
        assertThat(OtherWays.byCallables(Collections.nCopies(2, () -> Long.MAX_VALUE), 2))
                .isEqualTo(-2);
        var total = new LongAdder();
        Runnable source = () -> total.add(Long.MAX_VALUE);
        assertThat(OtherWays.byLongAdder(Collections.nCopies(2, source), total)).isEqualTo(-2);
    }

    @Test
    void aParallelStreamAndARecursiveTaskIgnoreAnInterrupt() {
        Thread.currentThread().interrupt();
        assertThat(OtherWays.byParallelStream(0, 1_000_000, i -> i)).isEqualTo(499_999_500_000L);
        assertThat(OtherWays.byRecursiveTask(0, 1_000_000, i -> i)).isEqualTo(499_999_500_000L);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void callablesHeedAnInterrupt() {
        var gate = new CountDownLatch(1);
        Thread.currentThread().interrupt();
        Callable<Long> waiting = () -> {
            gate.await();
            return 1L;
        };
        assertThatThrownBy(() -> OtherWays.byCallables(List.of(waiting, waiting), 2))
                .isInstanceOf(InterruptedException.class);
    }

    @Test
    void aFailureOfACallableArrivesWrappedAndOnlyAfterAllOthersAreDone() {
        var failure = new IllegalStateException("on purpose");
        var failed = new CountDownLatch(1);
        var otherIsDone = new AtomicBoolean();
        List<Callable<Long>> parts = List.of(() -> {
            failed.countDown();
            throw failure;
        }, () -> {
            // Were it interrupted because of the failure, this would throw.
            failed.await();
            otherIsDone.set(true);
            return 1L;
        });
        assertThat(catchThrowable(() -> OtherWays.byCallables(parts, 2)))
                .isInstanceOf(ExecutionException.class).hasCause(failure);
        assertThat(otherIsDone).isTrue();
    }

    @Test
    void aFailureInAStreamOrARecursiveTaskArrivesAsItsType() {
        LongUnaryOperator failing = i -> {
            throw new IllegalStateException("on purpose, at " + i);
        };
        assertThatThrownBy(() -> OtherWays.byParallelStream(0, 10, failing))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> OtherWays.byRecursiveTask(0, 10, failing))
                .isInstanceOf(IllegalStateException.class);
    }

    private static long square(long i) {
        return i * i;
    }
}

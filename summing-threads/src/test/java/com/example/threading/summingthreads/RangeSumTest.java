package com.example.threading.summingthreads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import com.example.threading.common.Caller;
import com.example.threading.common.NoLeaks;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// How a range is shared among threads.
@ExtendWith(NoLeaks.class)
class RangeSumTest {

    @AfterEach
    void noThreadIsLeftBehind() {
        Sums.assertNoSummingThreadIsAlive();
    }

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

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 1000, RangeSum.MAX_THREADS})
    void anEmptyRangeSumsToZero(int threads) throws InterruptedException {
        assertThat(RangeSum.sum(5, 5, threads)).isZero();
        assertThat(RangeSum.sum(Long.MIN_VALUE, Long.MIN_VALUE, threads, _ -> 1)).isZero();
    }

    @Test
    void theTermIsEvaluatedOnceForEachNumber() throws InterruptedException {
        Queue<Long> evaluated = new ConcurrentLinkedQueue<>();
        RangeSum.sum(-500, 500, 3, i -> {
            evaluated.add(i);
            return i;
        });
        assertThat(evaluated).hasSize(1000).doesNotHaveDuplicates().contains(-500L, 499L);
    }

    // Threads

    @ParameterizedTest
    @CsvSource({"0, 10, 1, 1", "0, 10, 3, 3", "0, 10, 10, 10", "0, 10, 11, 10",
            "-3, 7, 10000, 10"})
    void noMoreThreadsRunThanThereAreNumbers(long low, long high, int threads, int expected)
            throws InterruptedException {
        Set<Thread> seen = ConcurrentHashMap.newKeySet();
        RangeSum.sum(low, high, threads, _ -> seen.add(Thread.currentThread()) ? 1 : 0);
        assertThat(seen).hasSize(expected);
    }

    @Test
    void aSumOfNumbersIsSharedByThatManyThreads() {
        var caller = Caller.of(() -> RangeSum.sum(Long.MIN_VALUE, Long.MAX_VALUE, 3));
        caller.awaitWaiting();
        var alive = Thread.getAllStackTraces().keySet();
        caller.interrupt();
        assertThat(caller.failure()).isInstanceOf(InterruptedException.class);
        assertThat(alive).filteredOn(thread -> thread instanceof SummingThread).hasSize(3);
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

    // Bad input

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = { //
            "2|  1|     2| low must not exceed high: 2 > 1", //
            "0|  1|     0| threads must be from 1 to 10000: 0", //
            "0|  1|    -1| threads must be from 1 to 10000: -1", //
            "0|  1| 10001| threads must be from 1 to 10000: 10001"})
    void badInputIsRefusedWithTheValue(long low, long high, int threads, String message) {
        assertThatIllegalArgumentException().isThrownBy(() -> RangeSum.sum(low, high, threads))
                .withMessage(message);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RangeSum.sum(low, high, threads, i -> i)).withMessage(message);
    }

    @Test
    @SuppressWarnings("NullAway") // A caller without a null checker can pass it.
    void aTermThatIsNullIsRefused() {
        assertThatNullPointerException().isThrownBy(() -> RangeSum.sum(0, 0, 1, null))
                .withMessage("term");
    }
}

package com.example.threading.summingthreads;

import static com.example.threading.summingthreads.Sums.finished;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.example.threading.common.NoLeaks;
import java.math.BigInteger;
import java.util.Random;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A sum is exact. One that does not fit a `long` is never a wrong number.
@ExtendWith(NoLeaks.class)
class ExactnessTest {

    // One thread

    /// Some a block long, some much longer, some a few numbers, anywhere between the ends.
    @Test
    void randomRangesSumToTheClosedForm() throws InterruptedException {
        Random random = Sums.seededRandom();
        for (int n = 0; n < 200; n++) {
            long low = random.nextLong() >> random.nextInt(64);
            long high = low + (random.nextInt(1 << 22) >> random.nextInt(22));
            if (low <= high) {
                assertThat(finished(new SummingThread(low, high)).total())
                        .isEqualTo(Sums.closedForm(low, high));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({ //
            "0, 1023", "0, 1024", "0, 1025", "-1048576, 1048576", "0, 1048575", "0, 1048577",
            "9223372036854775806, 9223372036854775807", "9223372036854575807, 9223372036854775807",
            "-9223372036854775808, -9223372036854775807",
            "-9223372036854775808, -9223372036854575808"})
    void rangesAtBlockBoundsAndAtTheEndsOfLongSumToTheClosedForm(long low, long high)
            throws InterruptedException {
        assertThat(finished(new SummingThread(low, high)).total())
                .isEqualTo(Sums.closedForm(low, high));
    }

    /// Terms of every bit pattern, and of both signs.
    @Test
    void randomTermsSumToWhatBigIntegersSumTo() throws InterruptedException {
        long[] terms = Sums.seededRandom().longs(100_000).toArray();
        BigInteger expected = BigInteger.ZERO;
        for (long term : terms) {
            expected = expected.add(BigInteger.valueOf(term));
        }
        assertThat(finished(new SummingThread(0, terms.length, i -> terms[(int) i])).total())
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MAX_VALUE, Long.MIN_VALUE, -1, 0xFFFF_FFFFL, 1L << 31, -1L << 32})
    void manyTermsAtTheBoundsOfTheirHalvesAreSummedExactly(long term) throws InterruptedException {
        assertThat(finished(new SummingThread(0, 2_500_000, _ -> term)).total())
                .isEqualTo(BigInteger.valueOf(term).multiply(BigInteger.valueOf(2_500_000)));
    }

    // Several threads

    @Test
    void randomRangesSumToTheClosedFormByAnyNumberOfThreads() throws InterruptedException {
        Random random = Sums.seededRandom();
        for (int n = 0; n < 200; n++) {
            long low = random.nextLong() >> (24 + random.nextInt(40));
            long high = low + (random.nextInt(1 << 22) >> random.nextInt(22));
            assertThat(RangeSum.sum(low, high, 1 + random.nextInt(12)))
                    .isEqualTo(Sums.closedForm(low, high).longValueExact());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void aSumThatFitsIsReturnedThoughItsPartsDoNotFit(int threads) throws InterruptedException {
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
}

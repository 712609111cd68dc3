package com.example.threading.summingthreads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.example.threading.common.NoLeaks;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.stream.LongStream;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(NoLeaks.class)
class SummingThreadTest {

    @AfterEach
    void noThreadIsLeftBehind() {
        Sums.assertNoSummingThreadIsAlive();
    }

    @Test
    void theLowEndIsIncludedAndTheHighEndIsNot() throws InterruptedException {
        assertThat(finished(new SummingThread(1, 5)).total()).isEqualTo(1 + 2 + 3 + 4);
    }

    @Test
    void theTotalsOfTwoHalvesAddUpToTheWhole() throws InterruptedException {
        assertThat(finished(new SummingThread(0, 500_000)).total()).isEqualTo(124_999_750_000L);
        assertThat(finished(new SummingThread(500_000, 1_000_000)).total())
                .isEqualTo(374_999_750_000L);
    }

    @ParameterizedTest
    @CsvSource({"0", "-7", "9223372036854775807", "-9223372036854775808"})
    void anEmptyRangeSumsToZero(long bound) throws InterruptedException {
        assertThat(finished(new SummingThread(bound, bound)).total()).isZero();
    }

    @Test
    void aReversedRangeIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new SummingThread(3, 2))
                .withMessage("low must not exceed high: 3 > 2");
    }

    @Test
    void theNameTellsTheRange() {
        assertThat(new SummingThread(-3, 4).getName()).isEqualTo("sum of [-3, 4)");
    }

    /// Some a block long, some much longer, some a few numbers, anywhere between the ends.
    @Test
    void randomRangesSumToTheClosedForm() throws InterruptedException {
        Random random = Sums.seededRandom();
        for (int n = 0; n < 200; n++) {
            long low = random.nextLong() >> random.nextInt(64);
            long high = low + (random.nextInt(1 << 22) >> random.nextInt(22));
            if (low <= high) {
                assertThat(finished(new SummingThread(low, high)).exactTotal())
                        .isEqualTo(Sums.closedForm(low, high));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({ //
            "-1048576, 1048576", "0, 1048575", "0, 1048576", "0, 1048577", "-1, 2097151",
            "9223372036854775806, 9223372036854775807", "9223372036854575807, 9223372036854775807",
            "-9223372036854775808, -9223372036854775807",
            "-9223372036854775808, -9223372036854575808"})
    void rangesAtBlockBoundsAndAtTheEndsOfLongSumToTheClosedForm(long low, long high)
            throws InterruptedException {
        assertThat(finished(new SummingThread(low, high)).exactTotal())
                .isEqualTo(Sums.closedForm(low, high));
    }

    @Test
    void theLargestAndTheSmallestLongAreTotals() throws InterruptedException {
        assertThat(finished(new SummingThread(Long.MAX_VALUE - 1, Long.MAX_VALUE)).total())
                .isEqualTo(Long.MAX_VALUE - 1);
        assertThat(finished(new SummingThread(Long.MIN_VALUE, Long.MIN_VALUE + 1)).total())
                .isEqualTo(Long.MIN_VALUE);
        assertThat(finished(blocksWorth(Long.MAX_VALUE)).total()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aTotalThatDoesNotFitTellsHowLargeItIs() throws InterruptedException {
        var thread = finished(new SummingThread(Long.MAX_VALUE - 3, Long.MAX_VALUE));
        assertThatThrownBy(thread::total).isInstanceOf(ArithmeticException.class).hasMessage(
                "sum of [9223372036854775804, 9223372036854775807) does not fit a long:"
                        + " it is 27670116110564327415");
        assertThat(thread.exactTotal()).isEqualTo("27670116110564327415");
        assertThatThrownBy(finished(blocksWorth(Long.MAX_VALUE, 1))::total)
                .hasMessageEndingWith("it is 9223372036854775808");
    }

    @Test
    void aTotalThatFitsIsGivenThoughThePartsOnTheWayDoNotFit() throws InterruptedException {
        long max = Long.MAX_VALUE;
        assertThat(finished(blocksWorth(max, max, -max, -max, 7)).total()).isEqualTo(7);
    }

    @Test
    void theTotalOfAThreadThatWasNotStartedIsRefused() {
        assertThatIllegalStateException().isThrownBy(new SummingThread(0, 10)::total).withMessage(
                "sum of [0, 10) has no total yet: start this thread and join it first");
    }

    /// The classic slip: `run()` sums in the caller's thread, and no thread was ever started.
    @Test
    @SuppressWarnings("DoNotCall") // It is the slip that is tested; Error Prone would refuse it.
    void callingRunInsteadOfStartGivesNoTotal() {
        var thread = new SummingThread(0, 10);
        thread.run();
        assertThatIllegalStateException().isThrownBy(thread::total);
    }

    @Test
    void theTotalOfAThreadThatStillRunsIsRefused() throws InterruptedException {
        var running = new CountDownLatch(1);
        var gate = new CountDownLatch(1);
        var thread = new SummingThread(0, 10) {
            @Override
            protected BigInteger sum(long from, long to) {
                running.countDown();
                Sums.await(gate);
                return super.sum(from, to);
            }
        };
        thread.start();
        running.await();
        assertThatIllegalStateException().isThrownBy(thread::total)
                .withMessageContaining("join it first");
        gate.countDown();
        thread.join();
        assertThat(thread.total()).isEqualTo(45);
    }

    static List<Throwable> anyFailureAtAll() {
        return List.of(new IllegalArgumentException("bad"), new StackOverflowError("deep"),
                new IOException("a checked exception, past the compiler"));
    }

    @ParameterizedTest
    @MethodSource("anyFailureAtAll")
    void aFailureIsThrownByTotalAndIsTheSameObject(Throwable failure) throws InterruptedException {
        var thread = finished(failing(failure));
        assertThat(catchThrowable(thread::total)).isSameAs(failure);
        assertThat(catchThrowable(thread::exactTotal)).isSameAs(failure);
    }

    @Test
    void aFailureDoesNotReachTheUncaughtExceptionHandler() throws InterruptedException {
        var uncaught = new ArrayList<Throwable>();
        var thread = failing(new IllegalStateException("kept for total()"));
        thread.setUncaughtExceptionHandler((_, failure) -> uncaught.add(failure));
        finished(thread);
        assertThat(uncaught).isEmpty();
    }

    /// Uninterrupted, it would take some hundred years.
    @Test
    void anInterruptEndsALongSumAndLeavesNoTotal() throws InterruptedException {
        var thread = new SummingThread(Long.MIN_VALUE, Long.MAX_VALUE);
        thread.start();
        thread.interrupt();
        thread.join();
        assertThatThrownBy(thread::total).isInstanceOf(CancellationException.class)
                .hasMessageContaining(thread.getName() + " was interrupted at ");
    }

    @Test
    void anInterruptInTheMiddleLeavesNoPartOfTheSum() throws InterruptedException {
        var blocks = new ArrayList<Long>();
        var thread = new SummingThread(0, 10_000_000) {
            @Override
            protected BigInteger sum(long from, long to) {
                blocks.add(from);
                if (blocks.size() == 3) {
                    interrupt();
                }
                return super.sum(from, to);
            }
        };
        finished(thread);
        assertThat(blocks).hasSize(3);
        assertThatThrownBy(thread::total).isInstanceOf(CancellationException.class)
                .hasMessage("sum of [0, 10000000) was interrupted at 3145728");
    }

    @Test
    void anInterruptAfterTheLastNumberChangesNothing() throws InterruptedException {
        var thread = new SummingThread(0, 10) {
            @Override
            protected BigInteger sum(long from, long to) {
                BigInteger sum = super.sum(from, to);
                interrupt();
                return sum;
            }
        };
        assertThat(finished(thread).total()).isEqualTo(45);
    }

    /// What bounds the time until an interrupt is noticed.
    @Test
    void theRangeIsSummedInBlocksOfAtMost2ToThe20Numbers() throws InterruptedException {
        var bounds = new ArrayList<Long>(List.of(-2_000_000L));
        var thread = new SummingThread(-2_000_000, 2_000_000) {
            @Override
            protected BigInteger sum(long from, long to) {
                assertThat(from).isEqualTo(bounds.getLast());
                bounds.add(to);
                return super.sum(from, to);
            }
        };
        assertThat(finished(thread).total()).isEqualTo(-2_000_000);
        assertThat(bounds).containsExactly(-2_000_000L, -951_424L, 97_152L, 1_145_728L,
                2_000_000L);
    }

    private static <T extends Thread> T finished(T thread) throws InterruptedException {
        thread.start();
        thread.join();
        return thread;
    }

    private static SummingThread failing(Throwable failure) {
        return new SummingThread(0, 2_000_000) {
            @Override
            protected BigInteger sum(long from, long to) {
                return from == 0 ? super.sum(from, to) : ExceptionUtils.rethrow(failure);
            }
        };
    }

    /// A thread whose blocks sum to the given values.
    private static SummingThread blocksWorth(long... values) {
        var blocks = LongStream.of(values).mapToObj(BigInteger::valueOf).iterator();
        return new SummingThread(0, values.length * 1_048_576L) {
            @Override
            protected BigInteger sum(long from, long to) {
                return blocks.next();
            }
        };
    }
}

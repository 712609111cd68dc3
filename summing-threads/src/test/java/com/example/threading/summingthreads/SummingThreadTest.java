package com.example.threading.summingthreads;

import static com.example.threading.summingthreads.Sums.finished;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import com.example.threading.common.NoLeaks;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What one thread sums, and when its total can be had.
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

    @Test
    void theTermIsEvaluatedOnceForEachNumberInOrderAndInTheThread() throws InterruptedException {
        List<Long> evaluated = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        var thread = finished(new SummingThread(-2, 3, i -> {
            evaluated.add(i);
            threads.add(Thread.currentThread());
            return i * i;
        }));
        assertThat(thread.total()).isEqualTo(4 + 1 + 0 + 1 + 4);
        assertThat(evaluated).containsExactly(-2L, -1L, 0L, 1L, 2L);
        assertThat(threads).containsOnly(thread);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -7, Long.MAX_VALUE, Long.MIN_VALUE})
    void anEmptyRangeSumsToZero(long bound) throws InterruptedException {
        assertThat(finished(new SummingThread(bound, bound, _ -> 1)).total()).isZero();
    }

    @Test
    void theNameTellsTheRange() {
        assertThat(new SummingThread(-3, 4).getName()).isEqualTo("sum of [-3, 4)");
    }

    // Bad input

    @Test
    void aReversedRangeIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new SummingThread(3, 2))
                .withMessage("low must not exceed high: 3 > 2");
    }

    @Test
    @SuppressWarnings("NullAway") // A caller without a null checker can pass it.
    void aTermThatIsNullIsRefused() {
        assertThatNullPointerException().isThrownBy(() -> new SummingThread(0, 1, null))
                .withMessage("term");
    }

    // No total before the end

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
        var thread = new SummingThread(0, 10, i -> {
            running.countDown();
            Sums.await(gate);
            return i;
        });
        thread.start();
        running.await();
        assertThatIllegalStateException().isThrownBy(thread::total)
                .withMessageContaining("join it first");
        gate.countDown();
        thread.join();
        assertThat(thread.total()).isEqualTo(45);
    }
}

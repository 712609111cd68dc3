package com.example.threading.summingthreads;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.threading.common.NoLeaks;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What [SummingThread] is spared. Each wrong number here is an exception there.
@ExtendWith(NoLeaks.class)
class BrokenSummingThreadTest {

    @Test
    void theTotalOfADeadThreadPassesForTheResult() throws InterruptedException {
        var failure = new IllegalStateException("on purpose");
        var thread = new BrokenSummingThread(0, 10, i -> {
            if (i == 5) {
                throw failure;
            }
            return i;
        });
        // By default the handler prints a stack trace; the caller learns nothing.
        List<Throwable> printed = new ArrayList<>();
        thread.setUncaughtExceptionHandler((_, e) -> printed.add(e));
        thread.start();
        thread.join();
        assertThat(thread.total).isEqualTo(0 + 1 + 2 + 3 + 4);
        assertThat(printed).containsExactly(failure);
    }

    /// Here the thread is held, so that the race always ends the same way.
    @Test
    void aTotalReadBeforeJoinIsAPartOfTheSum() throws InterruptedException {
        var halfway = new CountDownLatch(1);
        var gate = new CountDownLatch(1);
        var thread = new BrokenSummingThread(0, 10, i -> {
            if (i == 5) {
                halfway.countDown();
                Sums.await(gate);
            }
            return i;
        });
        thread.start();
        halfway.await();
        assertThat(thread.total).isEqualTo(0 + 1 + 2 + 3 + 4);
        gate.countDown();
        thread.join();
        assertThat(thread.total).isEqualTo(45);
    }

    @Test
    void aSumThatDoesNotFitIsAWrongNumber() throws InterruptedException {
        var thread = new BrokenSummingThread(Long.MAX_VALUE - 2, Long.MAX_VALUE, i -> i);
        thread.start();
        thread.join();
        assertThat(thread.total).isEqualTo(-5);
    }

    @Test
    void aReversedRangeIsSilentlyZero() throws InterruptedException {
        var thread = new BrokenSummingThread(10, 0, i -> i);
        thread.start();
        thread.join();
        assertThat(thread.total).isZero();
    }
}

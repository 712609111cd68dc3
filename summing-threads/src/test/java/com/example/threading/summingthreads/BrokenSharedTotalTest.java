package com.example.threading.summingthreads;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.threading.common.NoLeaks;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class BrokenSharedTotalTest {

    /// The field is read before the term is asked (Java Language Specification, 15.26.2). Both
    /// threads meet in the term, so both have read 0, and one of the two numbers is always lost.
    @Test
    void anUpdateIsLost() throws InterruptedException {
        var bothHaveReadTheTotal = new CountDownLatch(2);
        long total = new BrokenSharedTotal().sumOfTwo(1, 2, i -> {
            bothHaveReadTheTotal.countDown();
            Sums.await(bothHaveReadTheTotal);
            return i;
        });
        assertThat(total).isIn(1L, 2L);
    }

    @Test
    void rangeSumLosesNothingInTheSameMeeting() throws InterruptedException {
        var meeting = new CountDownLatch(2);
        assertThat(RangeSum.sum(1, 3, 2, i -> {
            meeting.countDown();
            Sums.await(meeting);
            return i;
        })).isEqualTo(1 + 2);
    }
}

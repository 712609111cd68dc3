package com.example.threading.summingthreads.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.threading.common.NoLeaks;
import com.example.threading.common.Picture;
import com.example.threading.common.Timeline;
import com.example.threading.common.Timeline.Span;
import com.example.threading.summingthreads.RangeSum;
import com.example.threading.summingthreads.SummingThread;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Keeps the picture of the page: a range, by a loop and then by two threads.
@ExtendWith(NoLeaks.class)
class SumOfRangePictureTest {

    /// In a picture to look at, the start of a thread is short beside what it computes.
    private static final long HALF = Picture.areWritten() ? 500_000_000 : 500_000;
    private static final long WARM_UP = HALF / 10;

    @Test
    void thePictureShowsALoopAndThenTwoThreadsWithARangeEach() throws Exception {
        for (int i = 0; i < 3; i++) {
            assertThat(RangeSum.sum(0, WARM_UP, 2))
                    .isEqualTo(SumOfRange.plainLoop(0, WARM_UP));
        }
        var first = new TimedThread(0, HALF);
        var second = new TimedThread(HALF, 2 * HALF);

        Duration began = now();
        long byLoop = SumOfRange.plainLoop(0, 2 * HALF);
        Duration halfTime = now();
        first.start();
        second.start();
        first.join();
        second.join();
        BigInteger byThreads = first.total().add(second.total());
        Duration ended = now();

        assertThat(byThreads).isEqualTo(byLoop);
        Path picture = Path.of("timeline.svg");
        Picture.check(picture, new Timeline(List.of(
                new Span("caller", "a loop over the range", began, halfTime, false),
                new Span("caller", "start, join, add", halfTime, ended, false),
                first.span("thread 1", "first half"),
                second.span("thread 2", "second half"))));
        // The names of the lanes and the titles of the bars, from top to bottom.
        assertThat(Files.readString(picture)).containsSubsequence(
                ">caller<", ">thread 1<", ">thread 2<",
                ">a loop over the range, ", ">start, join, add, ",
                ">first half, ", ">second half, ");
    }

    private static Duration now() {
        return Duration.ofNanos(System.nanoTime());
    }

    /// A thread that remembers when it ran. Plain fields, as in [SummingThread]: read after `join`.
    private static final class TimedThread extends SummingThread {

        private Duration began = Duration.ZERO;
        private Duration ended = Duration.ZERO;

        TimedThread(long low, long high) {
            super(low, high);
        }

        @Override
        public void run() {
            began = now();
            super.run();
            ended = now();
        }

        Span span(String lane, String label) {
            return new Span(lane, label, began, ended, false);
        }
    }
}

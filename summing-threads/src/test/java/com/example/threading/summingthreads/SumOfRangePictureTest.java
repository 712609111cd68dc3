package com.example.threading.summingthreads;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.threading.common.NoLeaks;
import com.example.threading.common.Picture;
import com.example.threading.common.Timeline;
import com.example.threading.common.Timeline.Span;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Keeps the picture of the page: the range of the example, by a loop and then by two threads.
@ExtendWith(NoLeaks.class)
class SumOfRangePictureTest {

    private static final long LOW = 0;
    private static final long HIGH = 1_000_000_000;
    private static final long ENOUGH_TO_BE_COMPILED = 50_000_000;

    @Test
    void thePictureShowsALoopAndThenTwoThreadsWithARangeEach() throws Exception {
        for (int i = 0; i < 3; i++) {
            assertThat(RangeSum.sum(0, ENOUGH_TO_BE_COMPILED, 2))
                    .isEqualTo(SumOfRange.plainLoop(0, ENOUGH_TO_BE_COMPILED));
        }
        var finished = new ArrayBlockingQueue<SummingThread>(2);
        List<TimedThread> threads = RangeSum.split(LOW, HIGH, 2,
                (from, to) -> new TimedThread(from, to, finished));

        Duration began = now();
        long byLoop = SumOfRange.plainLoop(LOW, HIGH);
        Duration halfTime = now();
        BigInteger byThreads = RangeSum.joinAndAdd(threads, finished);
        Duration ended = now();

        assertThat(byThreads).isEqualTo(byLoop);
        Path picture = Path.of("timeline.svg");
        Picture.check(picture, new Timeline(List.of(
                new Span("caller", "a loop over [0, 1000000000)", began, halfTime, false),
                new Span("caller", "start, join, add", halfTime, ended, false),
                threads.getFirst().span("thread 1"),
                threads.getLast().span("thread 2"))));
        // The names of the lanes and the titles of the bars, from top to bottom.
        assertThat(Files.readString(picture)).containsSubsequence(
                ">caller<", ">thread 1<", ">thread 2<",
                ">a loop over [0, 1000000000), ", ">start, join, add, ",
                ">[0, 500000000), ", ">[500000000, 1000000000), ");
    }

    private static Duration now() {
        return Duration.ofNanos(System.nanoTime());
    }

    /// A thread that remembers when it ran. Plain fields, as in [SummingThread]: read after `join`.
    private static final class TimedThread extends SummingThread {

        private final String range;
        private final Queue<SummingThread> finished;
        private Duration began = Duration.ZERO;
        private Duration ended = Duration.ZERO;

        TimedThread(long low, long high, Queue<SummingThread> finished) {
            super(low, high);
            this.range = "[" + low + ", " + high + ")";
            this.finished = finished;
        }

        @Override
        public void run() {
            began = now();
            super.run();
            ended = now();
            finished.add(this);
        }

        Span span(String lane) {
            return new Span(lane, range, began, ended, false);
        }
    }
}

package com.example.threading.firstresponse;

import static com.example.threading.firstresponse.Competitors.A_DAY;
import static com.example.threading.firstresponse.Competitors.failing;
import static com.example.threading.firstresponse.Competitors.onceInterrupted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.example.threading.common.NoLeaks;
import com.example.threading.firstresponse.Competitors.Blocked;
import com.example.threading.firstresponse.FirstResponse.AllFailedException;
import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Who starts when.
@ExtendWith(NoLeaks.class)
class StaggerTest {

    @AutoClose
    private final RecordingThreads threads = new RecordingThreads();

    @Test
    void withoutOneAllRunAtOnce() throws Exception {
        var allHaveStarted = new CountDownLatch(3);
        Callable<String> meeting = () -> {
            allHaveStarted.countDown();
            allHaveStarted.await();
            return "met";
        };

        assertThat(threads.race(meeting, meeting, meeting).get()).isEqualTo("met");
    }

    @Test
    void whoIsNotNeededNeverStarts() throws Exception {
        String winner = threads.race(() -> "first", () -> "second").staggeredBy(A_DAY).get();

        assertThat(winner).isEqualTo("first");
        assertThat(threads.made()).hasSize(1);
    }

    @Test
    void theNextStartsAfterTheDelayAndNoSooner() throws Exception {
        Duration delay = Duration.ofMillis(30);
        long began = System.nanoTime();

        long secondBegan = FirstResponse.<Long>of(onceInterrupted(() -> 0L), System::nanoTime)
                .staggeredBy(delay).threads(threads).get();

        assertThat(Duration.ofNanos(secondBegan - began)).isGreaterThanOrEqualTo(delay);
    }

    @Test
    void theNextStartsAtOnceWhenTheOneBeforeFails() throws Exception {
        String winner = threads.race(
                failing(new IOException("first")),
                failing(new IOException("second")),
                () -> "third")
                .staggeredBy(A_DAY).get();

        assertThat(winner).isEqualTo("third");
    }

    /// Two are under way when both fail, the earlier of them first. Waits for one delay.
    @Test
    void theNextStartsAtOnceForEachThatFailsWhicheverItIs() throws Exception {
        Duration delay = Duration.ofSeconds(2);
        var secondRuns = new CountDownLatch(1);
        var firstHasFailed = new CompletableFuture<Thread>();
        List<Long> starts = new ArrayList<>();
        ThreadFactory timed = runnable -> {
            starts.add(System.nanoTime());
            if (starts.size() == 3) {
                // The caller takes nothing off the queue until the second has failed too.
                Uninterruptibles.joinUninterruptibly(threads.made().get(1));
            }
            return threads.newThread(runnable);
        };

        String winner = FirstResponse.of(
                () -> {
                    firstHasFailed.complete(Thread.currentThread());
                    secondRuns.await();
                    throw new IOException("first");
                },
                () -> {
                    secondRuns.countDown();
                    firstHasFailed.get().join();
                    throw new IOException("second");
                },
                new Blocked(),
                () -> "fourth")
                .staggeredBy(delay).threads(timed).get();

        assertThat(winner).isEqualTo("fourth");
        assertThat(Duration.ofNanos(starts.get(3) - starts.get(1))).isLessThan(delay);
    }

    @Test
    void aFailureStartsNobodyWhenNobodyIsLeft() {
        assertThatExceptionOfType(AllFailedException.class).isThrownBy(threads.race(
                failing(new IOException("first")), failing(new IOException("second")))::get);

        assertThat(threads.made()).hasSize(2);
    }
}

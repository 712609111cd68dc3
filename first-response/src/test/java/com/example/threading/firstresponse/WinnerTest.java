package com.example.threading.firstresponse;

import static com.example.threading.firstresponse.Competitors.A_DAY;
import static com.example.threading.firstresponse.Competitors.failing;
import static org.assertj.core.api.Assertions.assertThat;

import com.example.threading.common.NoLeaks;
import com.example.threading.firstresponse.Competitors.Blocked;
import com.example.threading.firstresponse.FirstResponse.Winner;
import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Who wins a race.
@ExtendWith(NoLeaks.class)
class WinnerTest {

    @AutoClose
    private final RecordingThreads threads = new RecordingThreads();

    @Test
    void theFirstSuccessWins() throws Exception {
        assertThat(threads.race(new Blocked(), () -> "fast", new Blocked()).get())
                .isEqualTo("fast");
    }

    @Test
    void aFasterFailureDoesNotWin() throws Exception {
        var failing = new CompletableFuture<Thread>();

        String winner = threads.race(
                () -> {
                    failing.complete(Thread.currentThread());
                    throw new IOException("fast");
                },
                () -> {
                    // A thread that has ended has put its failure on the queue.
                    failing.get().join();
                    return "slow";
                }).get();

        assertThat(winner).isEqualTo("slow");
    }

    @Test
    void ofTwoSuccessesTheEarlierWins() throws Exception {
        var earlier = new CompletableFuture<Thread>();
        // The caller makes the threads: and meanwhile takes nothing off the queue.
        ThreadFactory lastWaitsForTheOthers = runnable -> {
            if (threads.made().size() == 2) {
                threads.made().forEach(Uninterruptibles::joinUninterruptibly);
            }
            return threads.newThread(runnable);
        };

        String winner = FirstResponse.of(
                () -> {
                    earlier.get().join();
                    return "later";
                },
                () -> {
                    earlier.complete(Thread.currentThread());
                    return "earlier";
                },
                new Blocked()).threads(lastWaitsForTheOthers).get();

        assertThat(winner).isEqualTo("earlier");
    }

    @Test
    void aNullResultIsASuccess() throws Exception {
        Callable<@Nullable String> returnsNull = () -> null;

        assertThat(FirstResponse.of(returnsNull).threads(threads).get()).isNull();
    }

    @Test
    void whoHasWonAfterHowLongAndWhoHadFailedIsTold() throws Exception {
        Exception failure = new IOException("the first");
        long began = System.nanoTime();

        Winner<String> winner = threads.race(failing(failure), () -> "second", () -> "third")
                .staggeredBy(A_DAY).winner();

        assertThat(winner.result()).isEqualTo("second");
        assertThat(winner.number()).isEqualTo(1);
        assertThat(winner.failures()).containsExactly(Map.entry(0, failure));
        assertThat(winner.elapsed()).isPositive()
                .isLessThanOrEqualTo(Duration.ofNanos(System.nanoTime() - began));
    }

    @Test
    void competitorsCanComeInACollectionOfSubtypes() throws Exception {
        List<Callable<Integer>> competitors = List.of(() -> 42);

        Number winner = FirstResponse.<Number>of(competitors).threads(threads).get();

        assertThat(winner).isEqualTo(42);
    }
}

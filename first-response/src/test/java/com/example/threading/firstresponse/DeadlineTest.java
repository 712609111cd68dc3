package com.example.threading.firstresponse;

import static com.example.threading.firstresponse.Competitors.A_DAY;
import static com.example.threading.firstresponse.Competitors.failing;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.example.threading.common.NoLeaks;
import com.example.threading.firstresponse.Competitors.Blocked;
import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The deadline of a race.
@ExtendWith(NoLeaks.class)
class DeadlineTest {

    private static final Duration FOREVER = ChronoUnit.FOREVER.getDuration();

    @AutoClose
    private final RecordingThreads threads = new RecordingThreads();

    @Test
    void itInterruptsEveryoneAndReportsTheFailuresSoFar() throws Exception {
        var first = new IOException("first");
        var third = new IOException("third");
        var blocked = new Blocked();
        var thirdThread = new CompletableFuture<Thread>();
        // Once it has started the last, the caller finds both failures on the queue.
        ThreadFactory lastWaitsForTheFailures = runnable -> {
            if (threads.made().size() == 3) {
                Uninterruptibles.joinUninterruptibly(threads.made().get(0));
                Uninterruptibles.awaitUninterruptibly(blocked.started);
            }
            return threads.newThread(runnable);
        };

        TimeoutException thrown = catchThrowableOfType(TimeoutException.class,
                FirstResponse.of(
                        () -> {
                            thirdThread.get().join();
                            throw first;
                        },
                        blocked,
                        () -> {
                            thirdThread.complete(Thread.currentThread());
                            throw third;
                        },
                        new Blocked())
                        .within(Duration.ofMillis(300))
                        .threads(lastWaitsForTheFailures)::get);

        assertThat(thrown).hasMessage(
                "no success within PT0.3S: 4 of 4 competitors started, failed: [0, 2]");
        assertThat(thrown.getSuppressed()).containsExactly(first, third);
        blocked.assertInterrupted();
    }

    @Test
    void anErrorBeforeItIsSuppressedAndReachesTheHandlerOfItsThread() throws Exception {
        Error error = new AssertionError("an error");
        ThreadFactory lastWaitsForTheError = runnable -> {
            threads.made().forEach(Uninterruptibles::joinUninterruptibly);
            return threads.newThread(runnable);
        };

        Throwable thrown = catchThrowable(FirstResponse.of(failing(error), new Blocked())
                .within(Duration.ofMillis(300)).threads(lastWaitsForTheError)::get);

        assertThat(thrown).isInstanceOf(TimeoutException.class);
        assertThat(thrown.getSuppressed()).containsExactly(error);
        assertThat(threads.takeUncaught()).isSameAs(error);
    }

    /// Each failure, and each start, leaves less of it; all together would take two seconds.
    @Test
    void itIsCountedFromTheCallWhateverHappensMeanwhile() {
        Callable<String> failsSoon = () -> {
            new CountDownLatch(1).await(50, MILLISECONDS);
            throw new IOException("soon");
        };

        assertThatExceptionOfType(TimeoutException.class).isThrownBy(
                FirstResponse.of(Collections.nCopies(40, failsSoon))
                        .staggeredBy(A_DAY).within(Duration.ofMillis(200))
                        .threads(threads)::get);
    }

    @Test
    void itPassesNoSoonerThanAsked() {
        Duration limit = Duration.ofMillis(30);
        long began = System.nanoTime();

        assertThatExceptionOfType(TimeoutException.class)
                .isThrownBy(threads.race(new Blocked()).within(limit)::get);

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(limit);
    }

    @Test
    void itEndsARaceWhoseNextStartIsFarOff() {
        assertThatExceptionOfType(TimeoutException.class)
                .isThrownBy(threads.race(new Blocked(), () -> "too late")
                        .staggeredBy(A_DAY)
                        .within(Duration.ofMillis(100))::get)
                .withMessage(
                        "no success within PT0.1S: 1 of 2 competitors started, failed: []");

        assertThat(threads.made()).hasSize(1);
    }

    @Test
    void forEverDoesNotOverflow() throws Exception {
        String winner = threads.race(failing(new IOException("first")), () -> "second")
                .staggeredBy(FOREVER)
                .within(FOREVER)
                .get();

        assertThat(winner).isEqualTo("second");
    }
}

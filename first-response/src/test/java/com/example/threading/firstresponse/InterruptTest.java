package com.example.threading.firstresponse;

import static com.example.threading.firstresponse.Competitors.A_DAY;
import static com.example.threading.firstresponse.Competitors.failing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.example.threading.common.Caller;
import com.example.threading.common.NoLeaks;
import com.example.threading.firstresponse.Competitors.Blocked;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.commons.lang3.function.Failable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What an interrupt of the caller does.
@ExtendWith(NoLeaks.class)
class InterruptTest {

    @AutoClose
    private final RecordingThreads threads = new RecordingThreads();

    @Test
    void anInterruptedCallerInterruptsEveryone() {
        Thread caller = Thread.currentThread();
        var first = new Blocked();
        var second = new Blocked();

        assertThatExceptionOfType(InterruptedException.class)
                .isThrownBy(threads.race(first, second, () -> {
                    first.started.await();
                    second.started.await();
                    caller.interrupt();
                    return new Blocked().call();
                })::get);

        first.assertInterrupted();
        second.assertInterrupted();
        assertThat(caller.isInterrupted()).isFalse();
    }

    @Test
    void anInterruptOfTheCallerTellsTheFailuresSoFar() {
        Thread caller = Thread.currentThread();
        Exception failure = new IOException("so far");

        // The second starts once the caller knows of the failure.
        Throwable thrown = catchThrowable(threads.race(failing(failure), () -> {
            caller.interrupt();
            return new Blocked().call();
        }).staggeredBy(A_DAY)::get);

        assertThat(thrown).isInstanceOf(InterruptedException.class)
                .hasMessage("interrupted: 2 of 2 competitors started, failed: [0]");
        assertThat(thrown.getSuppressed()).containsExactly(failure);
    }

    @Test
    void aCallerInterruptedBeforehandStartsNobody() {
        Thread.currentThread().interrupt();

        assertThatExceptionOfType(InterruptedException.class)
                .isThrownBy(threads.race(() -> "fast")::get);

        assertThat(threads.made()).isEmpty();
    }

    @Test
    void cancellingTheFutureOfAnExecutorInterruptsEveryone() throws Exception {
        var competitor = new Blocked();
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<String> future = executor.submit(threads.race(competitor)::get);
            competitor.started.await();

            future.cancel(true);

            competitor.assertInterrupted();
        }
    }

    @Test
    void cancellingACompletableFutureInterruptsNobody() throws Exception {
        var competitor = new Blocked();
        var caller = new CompletableFuture<Thread>();
        FirstResponse<String> race = threads.race(competitor);
        CompletableFuture<String> future = CompletableFuture.supplyAsync(
                Failable.asSupplier(() -> {
                    caller.complete(Thread.currentThread());
                    return race.get();
                }));
        competitor.started.await();

        future.cancel(true);

        // An interrupt would have come before cancel returned.
        Caller.awaitWaiting(threads.made().getFirst());
        Caller.awaitWaiting(caller.get());
        assertThat(competitor.wasInterrupted()).isFalse();
        caller.get().interrupt();
        competitor.assertInterrupted();
    }
}

package com.example.threading.poolmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/// A thread that makes one call, so that the test can watch it wait, and interrupt it.
final class Caller<V> {

    private final CompletableFuture<V> outcome = new CompletableFuture<>();
    private final Thread thread;

    private Caller(Callable<V> call) {
        thread = Thread.ofPlatform().daemon().name("caller").unstarted(() -> {
            try {
                outcome.complete(call.call());
            } catch (Throwable t) {
                outcome.completeExceptionally(t);
            }
        });
    }

    static <V> Caller<V> of(Callable<V> call) {
        Caller<V> caller = new Caller<>(call);
        caller.thread.start();
        return caller;
    }

    void interrupt() {
        thread.interrupt();
    }

    /// Returns when the call waits for something.
    void awaitWaiting() {
        await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1)).until(() -> Set
                .of(Thread.State.WAITING, Thread.State.TIMED_WAITING).contains(thread.getState()));
        assertThat(outcome).isNotDone();
    }

    boolean isDone() {
        return outcome.isDone();
    }

    V result() {
        return outcome.join();
    }

    Throwable failure() {
        Throwable failure = outcome.handle((_, t) -> t).join();
        assertThat(failure).as("the failure of the call").isNotNull();
        return failure;
    }
}

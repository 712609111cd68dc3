package com.example.threading.common;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// A thread that makes one call, so that a test can watch the call wait, and interrupt it.
///
/// @param <V> what the call returns
public final class Caller<V> {
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(20);
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(1);

    private final CompletableFuture<V> outcome = new CompletableFuture<>();
    private final Thread thread;

    private Caller(Callable<? extends V> call) {
        thread = Thread.ofPlatform().daemon().name("caller").unstarted(() -> {
            try {
                outcome.complete(call.call());
            } catch (Throwable failure) {
                // An Error too: the test asks for it.
                outcome.completeExceptionally(failure);
            }
        });
    }

    /// {@return a thread that has been started with this call}
    ///
    /// @param <V> what the call returns
    /// @param call what it runs
    public static <V> Caller<V> of(Callable<? extends V> call) {
        var caller = new Caller<V>(call);
        caller.thread.start();
        return caller;
    }

    /// {@return the thread}
    public Thread thread() {
        return thread;
    }

    /// Interrupts the call.
    public void interrupt() {
        thread.interrupt();
    }

    /// Returns when the call waits for something.
    ///
    /// @throws AssertionError if the call returns instead, or does not wait within 20 seconds
    public void awaitWaiting() {
        awaitWaiting(thread);
    }

    /// Returns when a thread waits for something. A thread that is parked, joins, waits for a
    /// monitor's notification or sleeps does so; one that waits to enter a monitor does not.
    ///
    /// @param thread one that has been started
    /// @throws AssertionError if it ends instead, or does not wait within 20 seconds
    public static void awaitWaiting(Thread thread) {
        long start = System.nanoTime();
        while (true) {
            switch (thread.getState()) {
                case WAITING, TIMED_WAITING -> {
                    return;
                }
                case TERMINATED -> throw new AssertionError(
                        "expected " + thread + " to wait, but it has ended");
                default -> {
                    if (System.nanoTime() - start > PATIENCE) {
                        throw new AssertionError("expected " + thread + " to wait, but after 20 s"
                                + " it is " + thread.getState());
                    }
                    // Nothing tells when a thread's state changes: it can only be looked at again.
                    LockSupport.parkNanos(PAUSE);
                }
            }
        }
    }

    /// {@return whether the call has returned or thrown}
    public boolean isDone() {
        return outcome.isDone();
    }

    /// Waits for the end of the call, whether interrupted or not.
    ///
    /// @return what the call returned
    /// @throws java.util.concurrent.CompletionException if it threw; that is the cause
    public V result() {
        return outcome.join();
    }

    /// Waits for the end of the call, whether interrupted or not.
    ///
    /// @return what the call threw
    /// @throws AssertionError if it returned instead
    public Throwable failure() {
        return outcome.<Throwable>handle((result, failure) -> {
            if (failure == null) {
                throw new AssertionError("expected a failure, but the call returned " + result);
            }
            return failure;
        }).join();
    }
}

package com.example.threading.poolmap;

import static java.util.Objects.requireNonNull;

import com.example.threading.poolmap.ThreadPool.InterruptibleFunction;
import com.google.common.collect.Lists;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/// A call whose items are all known: as many tasks as can run at a time, each of which claims the
/// next index until none is left. So uneven work spreads evenly, with no chunk size to choose.
final class MapCall<T, R> extends Call {

    private final InterruptibleFunction<? super T, ? extends R, ?> function;
    private final List<T> items;
    /// Each element is written by the task that claimed its index.
    private final Object[] results;
    private final AtomicInteger next = new AtomicInteger();
    private final CompletableFuture<List<R>> future = new CompletableFuture<>();

    MapCall(ThreadPool pool, InterruptibleFunction<? super T, ? extends R, ?> function,
            Iterable<? extends T> items) {
        super(pool);
        this.function = requireNonNull(function, "function");
        // By its iterator: an input that has a size may still lie about it.
        this.items = Lists.newArrayList(requireNonNull(items, "items").iterator());
        this.results = new Object[this.items.size()];
    }

    List<R> join() throws InterruptedException {
        try {
            submit();
            awaitEnd();
            throwIfStopped();
            return results();
        } catch (Throwable t) {
            throw giveUp(t);
        }
    }

    CompletableFuture<List<R>> start() {
        try {
            submit();
        } catch (Throwable t) {
            throw giveUp(t);
        }
        var _ = future.whenComplete((_, _) -> {
            if (!hasEnded()) {
                stop(new CancellationException("the future was completed from outside"));
            }
        });
        return future;
    }

    private void submit() {
        for (int i = 0; i < Math.min(pool.workers(), results.length); i++) {
            submit(new Task<>(this::claimAndApply));
        }
        // With no items there is no task to do it.
        endIfIdle();
    }

    private Object claimAndApply() throws Exception {
        int index;
        while (!stopped() && (index = next.getAndIncrement()) < results.length) {
            results[index] = function.apply(items.get(index));
            // What the function did to the status of its thread is not for the next item. An
            // interrupt that was meant came after the call was stopped, and the loop ends.
            Thread.interrupted();
        }
        return results;
    }

    @Override
    boolean exhausted() {
        return next.get() >= results.length;
    }

    @Override
    void end() {
        super.end();
        if (stopped()) {
            future.completeExceptionally(failure());
        } else {
            future.complete(results());
        }
    }

    @SuppressWarnings("unchecked") // only results of the function are in it
    private List<R> results() {
        return (List<R>) Collections.unmodifiableList(Arrays.asList(results));
    }
}

package com.example.threading.poolmap;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.Lists;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/// A call whose items are all known. It submits one task for each worker, or for each item if there
/// are fewer. Each task claims the next index until none is left. So uneven work balances itself,
/// without a chunk size to choose.
final class MapCall<T, R> extends Call {

    private static final int BATCH = 32;

    private final InterruptibleFunction<? super T, ? extends R, ?> function;
    private final List<T> items;
    /// Each element is written by the task that claimed its index. That task takes the monitor when
    /// it leaves, which makes the element visible to the caller.
    private final Object[] results;
    private final AtomicInteger next = new AtomicInteger();
    private final CompletableFuture<List<R>> future = new CompletableFuture<>();
    /// Guarded by the monitor.
    private boolean allSubmitted;

    MapCall(ThreadPoolExecutor executor, Consumer<? super Call> whenEnded,
            InterruptibleFunction<? super T, ? extends R, ?> function,
            Iterable<? extends T> items) {
        super(executor, whenEnded);
        this.function = requireNonNull(function, "function");
        // Copied by iterator, since `size` and `toArray` need not agree with it.
        this.items = Lists.newArrayList(requireNonNull(items, "items").iterator());
        this.results = new Object[this.items.size()];
    }

    /// Submits the tasks and waits for the results.
    List<R> join() {
        try {
            submitTasks();
            awaitEnd();
        } catch (Throwable reason) {
            stopAndWait(reason);
        }
        throwFailure();
        return results();
    }

    /// Submits the tasks and returns the future of the results.
    @SuppressWarnings("FutureReturnValueIgnored") // nothing depends on what whenComplete returns
    CompletableFuture<List<R>> start() {
        try {
            submitTasks();
        } catch (Throwable reason) {
            if (stopAndWait(reason)) {
                throwFailure();
            }
            // Otherwise it had failed before, or the pool was terminated: the future tells.
        }
        // A call that has ended cannot be stopped. So this has an effect only if somebody else
        // completes the future before the end.
        future.whenComplete((given, thrown) -> stop(
                new CancellationException("the future was completed from outside")));
        return future;
    }

    /// Until all tasks are submitted, the call does not count as used up. So it cannot succeed if
    /// the thread for a later task cannot be made. A call without items ends here.
    private void submitTasks() {
        for (int i = 0; i < Math.min(executor.getCorePoolSize(), items.size()); i++) {
            submit(new MapTask());
        }
        synchronized (this) {
            allSubmitted = true;
        }
        endIfDone();
    }

    @Override
    boolean isUsedUp() {
        return allSubmitted && next.get() >= items.size();
    }

    @Override
    void deliver() {
        if (hasStopped()) {
            future.completeExceptionally(failure());
        } else {
            future.complete(results());
        }
    }

    @SuppressWarnings("unchecked") // only results of the function are in it
    private List<R> results() {
        return (List<R>) Collections.unmodifiableList(Arrays.asList(results));
    }

    /// The task of one worker.
    private final class MapTask extends Task {

        // Results wait here until there are a few of them. In `results`, neighbours share a cache
        // line. If workers wrote them one by one, they would take the line from each other every
        // time, and a map of trivial items would take several times as long.
        private final int[] indices = new int[BATCH];
        private final Object[] batch = new Object[BATCH];
        private int size;

        @Override
        void work() throws Exception {
            int index;
            while (!hasStopped() && (index = next.getAndIncrement()) < results.length) {
                keep(index, function.apply(items.get(index)));
                // Clears an interrupt status that the function left behind, for the next item. If
                // it was the interrupt that stops the call, `failure` was set before, and the loop
                // ends.
                Thread.interrupted();
            }
            flush();
        }

        private void keep(int index, Object result) {
            if (size == BATCH) {
                flush();
            }
            indices[size] = index;
            batch[size++] = result;
        }

        private void flush() {
            for (int i = 0; i < size; i++) {
                results[indices[i]] = batch[i];
            }
            size = 0;
        }
    }
}

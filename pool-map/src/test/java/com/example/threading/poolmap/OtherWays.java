package com.example.threading.poolmap;

import com.google.common.collect.Lists;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.ListeningExecutorService;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.Gatherers;
import java.util.stream.Stream;

/// The same map without [ThreadPool]: what the JDK and Guava offer. What each of them promises is
/// in [Way], and tested in [OtherWaysTest].
final class OtherWays {

    private OtherWays() {}

    // tag::invokeAll[]
    static <T, R> List<R> invokeAll(ExecutorService executor,
            Function<T, R> function, List<T> items)
            throws InterruptedException, ExecutionException {
        List<Callable<R>> tasks = new ArrayList<>();
        for (T item : items) {
            tasks.add(() -> function.apply(item));
        }
        List<R> results = new ArrayList<>();
        for (Future<R> future : executor.invokeAll(tasks)) {
            results.add(future.get());
        }
        return results;
    }
    // end::invokeAll[]

    /// As [#invokeAll], with one task for each of a few equal parts: less to hand over, but the
    /// worker whose part has the long items is alone with it.
    static <T, R> List<R> chunks(ExecutorService executor, int chunks,
            Function<T, R> function, List<T> items)
            throws InterruptedException, ExecutionException {
        int size = Math.max(1, Math.ceilDiv(items.size(), chunks));
        List<Callable<List<R>>> tasks = new ArrayList<>();
        for (List<T> chunk : Lists.partition(items, size)) {
            tasks.add(() -> {
                List<R> results = new ArrayList<>(chunk.size());
                for (T item : chunk) {
                    results.add(function.apply(item));
                }
                return results;
            });
        }
        List<R> results = new ArrayList<>(items.size());
        for (Future<List<R>> future : executor.invokeAll(tasks)) {
            results.addAll(future.get());
        }
        return results;
    }

    static <T, R> Stream<R> parallelStream(
            Function<T, R> function, Stream<T> items) {
        return items.parallel().map(function);
    }

    static <T, R> Stream<R> mapConcurrent(int workers,
            Function<T, R> function, Stream<T> items) {
        return items.gather(Gatherers.mapConcurrent(workers, function));
    }

    static <T, R> List<R> guavaFutures(ListeningExecutorService executor,
            Function<T, R> function, List<T> items)
            throws InterruptedException, ExecutionException {
        List<ListenableFuture<R>> futures = new ArrayList<>();
        for (T item : items) {
            futures.add(executor.submit(() -> function.apply(item)));
        }
        return Futures.allAsList(futures).get();
    }
}

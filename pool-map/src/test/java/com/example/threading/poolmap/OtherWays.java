package com.example.threading.poolmap;

import com.google.common.collect.Lists;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.ListeningExecutorService;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.Gatherers;
import java.util.stream.Stream;

/// The same map without [ThreadPool]: what the JDK and Guava offer. [Way] says what each of them
/// promises, and [OtherWaysTest] tests it.
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

    /// Each call has threads of its own. So `shutdownNow` stops all that is left of this call, and
    /// nothing else.
    // tag::failFast[]
    static <T, R> List<R> failFast(int workers,
            Function<T, R> function, List<T> items)
            throws InterruptedException, ExecutionException {
        try (var executor = Executors.newFixedThreadPool(workers)) {
            var ended = new ExecutorCompletionService<R>(executor);
            List<Future<R>> futures = items.stream().map(item -> ended
                    .submit(() -> function.apply(item))).toList();
            try {
                for (int i = 0; i < futures.size(); i++) {
                    ended.take().get(); // throws the first failure
                }
            } finally {
                executor.shutdownNow(); // interrupts what still runs
            }
            return futures.stream().map(Future::resultNow).toList();
        } // close waits for what was interrupted
    }
    // end::failFast[]

    /// As [#failFast], but on threads that other calls use too. So it has to cancel its own tasks one
    /// by one, and nothing waits for those that run.
    static <T, R> List<R> completionService(Executor executor,
            Function<T, R> function, List<T> items)
            throws InterruptedException, ExecutionException {
        var ended = new ExecutorCompletionService<R>(executor);
        List<Future<R>> futures = items.stream().map(item -> ended
                .submit(() -> function.apply(item))).toList();
        try {
            for (int i = 0; i < futures.size(); i++) {
                ended.take().get();
            }
        } catch (InterruptedException | ExecutionException e) {
            futures.forEach(future -> future.cancel(true));
            throw e;
        }
        return futures.stream().map(Future::resultNow).toList();
    }

    /// As [#invokeAll], with one task for each of a few equal parts. There is less to hand over. But
    /// if the long items are all in one part, one worker has to do them alone.
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

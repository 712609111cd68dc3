package com.example.threading.firstresponse;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import org.apache.commons.lang3.function.Failable;

/// The other ways to take the first answer, each as its own documentation has one write it, and
/// each with a deadline. [OtherWaysTest] shows what each of them promises.
final class OtherWays {

    private OtherWays() {}

    static <T> T invokeAny(ExecutorService executor, List<Callable<T>> competitors,
            Duration limit)
            throws InterruptedException, ExecutionException, TimeoutException {
        return executor.invokeAny(competitors, limit.toNanos(), NANOSECONDS);
    }

    static <T> T completionService(ExecutorService executor, List<Callable<T>> competitors,
            Duration limit)
            throws InterruptedException, ExecutionException, TimeoutException {
        long deadline = System.nanoTime() + limit.toNanos();
        var service = new ExecutorCompletionService<T>(executor);
        List<Future<T>> futures = competitors.stream().map(service::submit).toList();
        try {
            ExecutionException lastFailure = null;
            for (int left = futures.size(); left > 0; left--) {
                Future<T> done = service.poll(deadline - System.nanoTime(), NANOSECONDS);
                if (done == null) {
                    throw new TimeoutException();
                }
                try {
                    return done.get();
                } catch (ExecutionException e) {
                    lastFailure = e;
                }
            }
            throw Objects.requireNonNull(lastFailure);
        } finally {
            futures.forEach(future -> future.cancel(true));
        }
    }

    @SuppressWarnings("unchecked") // anyOf forgets the type of its futures.
    static <T> T anyOf(ExecutorService executor, List<Callable<T>> competitors,
            Duration limit)
            throws InterruptedException, ExecutionException, TimeoutException {
        CompletableFuture<?>[] futures = competitors.stream()
                .map(competitor -> Failable.asSupplier(competitor::call))
                .map(supplier -> CompletableFuture.supplyAsync(supplier, executor))
                .toArray(CompletableFuture<?>[]::new);
        return (T) CompletableFuture.anyOf(futures).get(limit.toNanos(), NANOSECONDS);
    }

    static <T> T inCompletionOrder(ExecutorService executor, List<Callable<T>> competitors,
            Duration limit)
            throws InterruptedException, ExecutionException, TimeoutException {
        long deadline = System.nanoTime() + limit.toNanos();
        var service = MoreExecutors.listeningDecorator(executor);
        List<ListenableFuture<T>> futures = competitors.stream().map(service::submit).toList();
        try {
            ExecutionException lastFailure = null;
            for (Future<T> done : Futures.inCompletionOrder(futures)) {
                try {
                    return done.get(deadline - System.nanoTime(), NANOSECONDS);
                } catch (ExecutionException e) {
                    lastFailure = e;
                }
            }
            throw Objects.requireNonNull(lastFailure);
        } finally {
            futures.forEach(future -> future.cancel(true));
        }
    }
}

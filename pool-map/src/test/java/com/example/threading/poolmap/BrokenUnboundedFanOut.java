package com.example.threading.poolmap;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/// Broken: a virtual thread for each item. The threads cost next to nothing, but they all use
/// something that is limited: a server, a database, the file descriptors of this process. Nothing
/// here limits how many do so at the same time.
final class BrokenUnboundedFanOut {

    private BrokenUnboundedFanOut() {}

    static <T, R> List<R> map(Function<T, R> function, List<T> items)
            throws InterruptedException, ExecutionException {
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<R>> futures = new ArrayList<>();
            for (T item : items) {
                futures.add(executor.submit(() -> function.apply(item)));
            }
            List<R> results = new ArrayList<>();
            for (Future<R> future : futures) {
                results.add(future.get());
            }
            return results;
        }
    }
}

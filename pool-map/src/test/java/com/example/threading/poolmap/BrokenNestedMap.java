package com.example.threading.poolmap;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;

/// Broken: a task that waits for other tasks of its own executor. When every thread does so, none
/// is left for what they wait for. [ThreadPool] refuses it.
final class BrokenNestedMap {

    private BrokenNestedMap() {}

    static int sumOfSquares(ExecutorService executor, List<Integer> items)
            throws InterruptedException, ExecutionException {
        Callable<Integer> outer = () -> OtherWays
                .invokeAll(executor, item -> item * item, items)
                .stream().mapToInt(Integer::intValue).sum();
        return executor.submit(outer).get();
    }
}

package com.example.threading.poolmap;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;

/// Broken: a task that waits for other tasks of its own executor. If every thread runs such a task,
/// none is left to run the tasks that they wait for: a deadlock. [ThreadPool] refuses such a call.
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

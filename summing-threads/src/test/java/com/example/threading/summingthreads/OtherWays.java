package com.example.threading.summingthreads;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.RecursiveTask;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongUnaryOperator;
import java.util.stream.LongStream;

/// The same sum by what the JDK has for it. None of these looks for overflow.
final class OtherWays {

    private OtherWays() {}

    // tag::parallel-stream[]
    static long byParallelStream(long low, long high, LongUnaryOperator f) {
        return LongStream.range(low, high).parallel().map(f).sum();
    }
    // end::parallel-stream[]

    // tag::recursive-task[]
    static long byRecursiveTask(long low, long high, LongUnaryOperator f) {
        return ForkJoinPool.commonPool().invoke(new RangeTask(low, high, f));
    }

    static final class RangeTask extends RecursiveTask<Long> {

        private static final long serialVersionUID = 1;
        private static final long SMALL = 1 << 16;

        private final long low;
        private final long high;
        private final transient LongUnaryOperator f;

        RangeTask(long low, long high, LongUnaryOperator f) {
            this.low = low;
            this.high = high;
            this.f = f;
        }

        @Override
        protected Long compute() {
            if (high - low <= SMALL) {
                return LongStream.range(low, high).map(f).sum();
            }
            long middle = low + (high - low) / 2;
            var left = new RangeTask(low, middle, f);
            var right = new RangeTask(middle, high, f);
            left.fork();
            return right.compute() + left.join();
        }
    }
    // end::recursive-task[]

    // tag::executor[]
    static long byCallables(List<Callable<Long>> parts, int threads)
            throws InterruptedException, ExecutionException {
        try (var executor = Executors.newFixedThreadPool(threads)) {
            long sum = 0;
            for (Future<Long> part : executor.invokeAll(parts)) {
                sum += part.get();
            }
            return sum;
        }
    }
    // end::executor[]

    // tag::long-adder[]
    static long byLongAdder(List<Runnable> sources, LongAdder total) {
        try (ExecutorService e = Executors.newVirtualThreadPerTaskExecutor()) {
            sources.forEach(e::execute);
        } // close() waits for all of them
        return total.sum();
    }
    // end::long-adder[]
}

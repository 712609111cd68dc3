package com.example.threading.firstresponse;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// What a race costs: all competitors answer at once, so nothing is timed but starting them, taking
/// the first answer and letting go of the rest.
///
/// Every way has a deadline, and all but the last two start virtual threads.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@State(Scope.Benchmark)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class FirstResponseBenchmark {

    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final ThreadFactory PLATFORM = Thread.ofPlatform().daemon().factory();

    /// How many race.
    @Param({"3", "16"})
    private int competitors;

    private List<Callable<Integer>> callables = List.of();
    private ExecutorService virtualThreads = Executors.newVirtualThreadPerTaskExecutor();
    private ExecutorService pool = Executors.newCachedThreadPool(PLATFORM);

    @Setup
    public void prepare() {
        callables = Collections.nCopies(competitors, () -> 42);
    }

    @TearDown
    public void shutDown() {
        virtualThreads.close();
        pool.close();
    }

    @Benchmark
    public Object firstResponse() throws Exception {
        return FirstResponse.of(callables).within(LIMIT).get();
    }

    @Benchmark
    public Object invokeAny() throws Exception {
        return OtherWays.invokeAny(virtualThreads, callables, LIMIT);
    }

    @Benchmark
    public Object completionService() throws Exception {
        return OtherWays.completionService(virtualThreads, callables, LIMIT);
    }

    @Benchmark
    public Object anyOf() throws Exception {
        return OtherWays.anyOf(virtualThreads, callables, LIMIT);
    }

    @Benchmark
    public Object inCompletionOrder() throws Exception {
        return OtherWays.inCompletionOrder(virtualThreads, callables, LIMIT);
    }

    @Benchmark
    public Object invokeAnyOnPool() throws Exception {
        return OtherWays.invokeAny(pool, callables, LIMIT);
    }

    /// The mechanism of the Python program: a new platform thread for each competitor.
    @Benchmark
    public Object firstResponseOnPlatformThreads() throws Exception {
        return FirstResponse.of(callables).within(LIMIT).threads(PLATFORM).get();
    }
}

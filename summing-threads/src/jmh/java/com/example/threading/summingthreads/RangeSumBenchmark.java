package com.example.threading.summingthreads;

import java.math.BigInteger;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// The sum of `[0, n)`: a bare loop, this module's threads, and what one would use instead.
///
/// One thread takes longer than the loop, by what exactness and the check of the interrupt flag
/// cost. All cores should take about as long as raw threads and the parallel stream. The smaller
/// range shows what it costs to start threads: hundreds of microseconds, in which a loop adds about
/// a million numbers.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(3)
public class RangeSumBenchmark {

    private static final int CORES = Runtime.getRuntime().availableProcessors();

    /// How many numbers. Not a constant, or the compiler could know the sum.
    @Param({"1000000", "1000000000"})
    public long n;

    @Benchmark
    public long bareLoop() {
        long sum = 0;
        for (long i = 0; i < n; i++) {
            sum += i;
        }
        return sum;
    }

    /// The bare loop, with each addition checked: what exactness costs if it is done that way.
    @Benchmark
    public long bareLoopAddExact() {
        long sum = 0;
        for (long i = 0; i < n; i++) {
            sum = Math.addExact(sum, i);
        }
        return sum;
    }

    /// The bare loop, in a raw thread for each core.
    @Benchmark
    public long rawThreads() throws InterruptedException {
        var sums = new long[CORES];
        List<Thread> threads = IntStream.range(0, CORES).mapToObj(core -> new Thread(() -> {
            long sum = 0;
            for (long i = n * core / CORES; i < n * (core + 1) / CORES; i++) {
                sum += i;
            }
            sums[core] = sum;
        })).toList();
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        return LongStream.of(sums).sum();
    }

    @Benchmark
    public BigInteger summingThread() throws InterruptedException {
        var thread = new SummingThread(0, n);
        thread.start();
        thread.join();
        return thread.total();
    }

    @Benchmark
    public long rangeSumOneThread() throws InterruptedException {
        return RangeSum.sum(0, n, 1);
    }

    @Benchmark
    public long rangeSumAllCores() throws InterruptedException {
        return RangeSum.sum(0, n, CORES);
    }

    @Benchmark
    public long rangeSumAllCoresTerm() throws InterruptedException {
        return RangeSum.sum(0, n, CORES, RangeSumBenchmark::term);
    }

    @Benchmark
    public long stream() {
        return LongStream.range(0, n).sum();
    }

    @Benchmark
    public long parallelStream() {
        return LongStream.range(0, n).parallel().sum();
    }

    @Benchmark
    public long parallelStreamTerm() {
        return OtherWays.byParallelStream(0, n, RangeSumBenchmark::term);
    }

    @Benchmark
    public long recursiveTask() {
        return OtherWays.byRecursiveTask(0, n, i -> i);
    }

    @Benchmark
    public long callablesOnAnExecutor() throws Exception {
        List<Callable<Long>> parts = RangeSum.split(0, n, CORES,
                (low, high) -> () -> LongStream.range(low, high).sum());
        return OtherWays.byCallables(parts, CORES);
    }

    /// A term that takes about as long as the addition: the `i`-th Gray code.
    private static long term(long i) {
        return i ^ (i >>> 1);
    }
}

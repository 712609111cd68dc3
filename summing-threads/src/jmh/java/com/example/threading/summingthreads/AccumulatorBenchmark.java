package com.example.threading.summingthreads;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// Where to add up, by one thread: nanoseconds for each number.
///
/// Folklore says that a field is slower than a local. The compiler keeps both in a register for as
/// long as nobody can tell; what it may not keep there is a volatile or an atomic.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(AccumulatorBenchmark.N)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class AccumulatorBenchmark {

    static final int N = 10_000_000;

    /// Not a constant, or the compiler could know the sum.
    public long n = N;

    private long field;
    private volatile long volatileField;
    private final AtomicLong atomic = new AtomicLong();
    private final LongAdder adder = new LongAdder();

    @Benchmark
    public long local() {
        long sum = 0;
        for (long i = 0; i < n; i++) {
            sum += i;
        }
        return sum;
    }

    @Benchmark
    public long field() {
        field = 0;
        for (long i = 0; i < n; i++) {
            field += i;
        }
        return field;
    }

    @Benchmark
    @SuppressWarnings("NonAtomicVolatileUpdate") // One thread; its price is the question.
    public long volatileField() {
        volatileField = 0;
        for (long i = 0; i < n; i++) {
            volatileField += i;
        }
        return volatileField;
    }

    @Benchmark
    public long atomicLong() {
        atomic.set(0);
        for (long i = 0; i < n; i++) {
            atomic.addAndGet(i);
        }
        return atomic.get();
    }

    @Benchmark
    public long longAdder() {
        adder.reset();
        for (long i = 0; i < n; i++) {
            adder.add(i);
        }
        return adder.sum();
    }
}

package com.example.threading.summingthreads;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.ThreadParams;

/// Totals of different threads, side by side in one array or 128 bytes apart: nanoseconds for each
/// number, all cores at once.
///
/// Folklore says that neighbours slow each other down, since they share a cache line. That needs
/// memory to be written in every step. A plain slot is kept in a register until the loop ends; an
/// atomic one, even in the cheapest (opaque) mode, is written each time.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(FalseSharingBenchmark.N)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
@Threads(Threads.MAX)
public class FalseSharingBenchmark {

    static final int N = 10_000_000;

    /// 1: neighbours. 16: two cache lines apart, since processors fetch lines in pairs.
    @Param({"1", "16"})
    public int distance;

    /// Not a constant, or the compiler could know the sum.
    public long n = N;

    private long[] plain = {};
    private AtomicLongArray opaque = new AtomicLongArray(0);

    /// The totals; the first ones are kept away from the array's header.
    @Setup(Level.Trial)
    public void allocate() {
        int length = 32 + distance * Runtime.getRuntime().availableProcessors();
        plain = new long[length];
        opaque = new AtomicLongArray(length);
    }

    @Benchmark
    public long plain(ThreadParams thread) {
        int slot = slot(thread);
        long[] totals = plain;
        for (long i = 0; i < n; i++) {
            totals[slot] += i;
        }
        return totals[slot];
    }

    @Benchmark
    public long opaque(ThreadParams thread) {
        int slot = slot(thread);
        for (long i = 0; i < n; i++) {
            opaque.setOpaque(slot, opaque.getOpaque(slot) + i);
        }
        return opaque.get(slot);
    }

    private int slot(ThreadParams thread) {
        return 16 + distance * thread.getThreadIndex();
    }
}

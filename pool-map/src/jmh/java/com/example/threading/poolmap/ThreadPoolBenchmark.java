package com.example.threading.poolmap;

import com.example.threading.poolmap.Way.Mapping;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/// What a map costs beyond the work itself, in each [Way] that a reader may choose from, and by a
/// loop. Compare the rows of one run with each other: they move together from run to run.
///
/// ```sh
/// mvn -Pbench -pl pool-map -Dargs=ThreadPoolBenchmark
/// ```
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class ThreadPoolBenchmark {

    private static final int WORKERS = 4;

    /// What [Blackhole#consumeCPU] takes for a microsecond, or nearly so.
    private static final long TOKENS_PER_MICROSECOND = 400;

    /// Items that cost next to nothing: what is left is the map itself.
    @Benchmark
    public List<Integer> trivial(Threads threads, Trivial trivial) throws Exception {
        return threads.map(item -> item + 1, trivial.items);
    }

    /// As [#trivial], by a loop.
    @Benchmark
    public List<Integer> trivialByALoop(Trivial trivial) {
        return loop(item -> item + 1, trivial.items);
    }

    /// 1000 items, all of the same length.
    @Benchmark
    public List<Integer> even(Threads threads, Thousand thousand) throws Exception {
        return threads.map(item -> work(item, thousand.micros), thousand.items);
    }

    /// As [#even], by a loop. Divided by the number of cores, or of workers if those are fewer, it
    /// is the limit for every way.
    @Benchmark
    public List<Integer> evenByALoop(Thousand thousand) {
        return loop(item -> work(item, thousand.micros), thousand.items);
    }

    /// As much work as in [#even], but the first quarter of the items take ten times as long as the
    /// others.
    @Benchmark
    public List<Integer> uneven(Threads threads, Thousand thousand) throws Exception {
        int most = thousand.micros * 31 / 10;
        int least = thousand.micros * 3 / 10;
        return threads.map(item -> work(item, item < 250 ? most : least), thousand.items);
    }

    /// Until the caller has the exception: the first item would take 100 ms, the second fails.
    @Benchmark
    public void failureBesideASlowHead(Threads threads, SlowHead head) {
        try {
            throw new AssertionError(threads.map(head, List.of(0, 1)));
        } catch (Exception _) {
            head.release();
        }
    }

    private static List<Integer> loop(Function<Integer, Integer> function, List<Integer> items) {
        List<Integer> results = new ArrayList<>(items.size());
        for (Integer item : items) {
            results.add(function.apply(item));
        }
        return results;
    }

    private static Integer work(Integer item, int microseconds) {
        Blackhole.consumeCPU(microseconds * TOKENS_PER_MICROSECOND);
        return item;
    }

    /// A way to map, with threads that live as long as the trial.
    @State(Scope.Benchmark)
    public static class Threads {
        /// Which way; the constant's name.
        @Param
        public Way way = Way.POOL_MAP;

        private Mapping mapping = Mapping.whole((_, items) -> items, () -> {});

        /// Starts the threads.
        @Setup
        public void open() {
            mapping = way.open(WORKERS);
        }

        /// Ends the threads.
        @TearDown
        public void close() {
            mapping.close();
        }

        List<Integer> map(Function<Integer, Integer> function, List<Integer> items)
                throws Exception {
            return mapping.map(function, items);
        }
    }

    /// The items of [#trivial].
    @State(Scope.Benchmark)
    public static class Trivial {
        /// How many.
        @Param({"1", "8", "1000", "100000"})
        public int size;

        List<Integer> items = List.of();

        /// Makes them.
        @Setup
        public void fill() {
            items = IntStream.range(0, size).boxed().toList();
        }
    }

    /// The items of [#even] and [#uneven].
    @State(Scope.Benchmark)
    public static class Thousand {
        /// How long an item takes, in microseconds of one core.
        @Param({"10", "100"})
        public int micros;

        final List<Integer> items = IntStream.range(0, 1000).boxed().toList();
    }

    /// A function whose first item waits, for 100 ms at most, and whose second fails beside it.
    @State(Scope.Benchmark)
    public static class SlowHead implements Function<Integer, Integer> {
        private volatile CountDownLatch headRuns = new CountDownLatch(1);
        private volatile CountDownLatch released = new CountDownLatch(1);

        /// Before every call.
        @Setup(Level.Invocation)
        public void reset() {
            headRuns = new CountDownLatch(1);
            released = new CountDownLatch(1);
        }

        void release() {
            released.countDown();
        }

        @Override
        public Integer apply(Integer item) {
            CountDownLatch released = this.released;
            CountDownLatch headRuns = this.headRuns;
            try {
                if (item == 0) {
                    headRuns.countDown();
                    return released.await(100, TimeUnit.MILLISECONDS) ? 1 : 0;
                }
                headRuns.await();
            } catch (InterruptedException _) {
                return item;
            }
            throw new IllegalStateException();
        }
    }
}

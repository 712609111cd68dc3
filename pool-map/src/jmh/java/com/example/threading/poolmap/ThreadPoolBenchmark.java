package com.example.threading.poolmap;

import com.google.common.util.concurrent.ListeningExecutorService;
import com.google.common.util.concurrent.MoreExecutors;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
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

/// What a map costs beyond the work itself, in each of the ways that a reader may choose from.
/// Compare the rows of one run with each other: they move together from run to run.
///
/// ```sh
/// mvn -q test-compile exec:exec@bench -pl pool-map -am
/// ```
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
@State(Scope.Benchmark)
public class ThreadPoolBenchmark {

    private static final int WORKERS = 4;

    /// What [Blackhole#consumeCPU] takes for a microsecond, or nearly so.
    private static final long TOKENS_PER_MICROSECOND = 400;

    /// The way to map; its threads live as long as the trial.
    @Param
    public Candidate way = Candidate.POOL;

    private Running running = new Running((_, items) -> items, () -> {});

    /// Starts the threads.
    @Setup
    public void open() {
        running = way.open();
    }

    /// Ends the threads.
    @TearDown
    public void close() throws Exception {
        running.threads.close();
    }

    /// Items that cost next to nothing: what is left is the map itself.
    @Benchmark
    public List<Integer> trivial(Trivial trivial) throws Exception {
        return running.mapper.map(item -> item + 1, trivial.items);
    }

    /// 1000 items of 10 µs each.
    @Benchmark
    public List<Integer> even(Thousand thousand) throws Exception {
        return running.mapper.map(item -> work(item, 10), thousand.items);
    }

    /// As much work as in [#even], but the first quarter of the items take ten times as long as the
    /// others.
    @Benchmark
    public List<Integer> uneven(Thousand thousand) throws Exception {
        return running.mapper.map(item -> work(item, item < 250 ? 31 : 3), thousand.items);
    }

    /// Until the caller has the exception: the first item would take 100 ms, the second fails.
    @Benchmark
    public void failureBesideASlowHead(SlowHead head) {
        try {
            throw new AssertionError(running.mapper.map(head, List.of(0, 1)));
        } catch (Exception _) {
            head.release();
        }
    }

    private static Integer work(Integer item, int microseconds) {
        Blackhole.consumeCPU(microseconds * TOKENS_PER_MICROSECOND);
        return item;
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

    /// The ways.
    public enum Candidate {
        /// [ThreadPool#map] on platform threads.
        POOL {
            @Override
            Running open() {
                var pool = new ThreadPool(WORKERS);
                return new Running((f, items) -> pool.map(f::apply, items), pool);
            }
        },
        /// [ThreadPool#map] on virtual threads.
        POOL_VIRTUAL {
            @Override
            Running open() {
                var pool = ThreadPool.ofVirtualThreads(WORKERS);
                return new Running((f, items) -> pool.map(f::apply, items), pool);
            }
        },
        /// [ThreadPool#imap], read to its end.
        POOL_IMAP {
            @Override
            Running open() {
                var pool = new ThreadPool(WORKERS);
                return new Running((f, items) -> {
                    try (var results = pool.imap(f::apply, items)) {
                        return results.toList();
                    }
                }, pool);
            }
        },
        /// A task for each of four chunks.
        CHUNKS {
            @Override
            Running open() {
                var executor = Executors.newFixedThreadPool(WORKERS);
                return new Running(
                        (f, items) -> OtherWays.chunks(executor, WORKERS, f, items), executor);
            }
        },
        /// A task for each item.
        INVOKE_ALL {
            @Override
            Running open() {
                var executor = Executors.newFixedThreadPool(WORKERS);
                return new Running((f, items) -> OtherWays.invokeAll(executor, f, items), executor);
            }
        },
        /// In the common pool, which is as wide as the machine.
        PARALLEL_STREAM {
            @Override
            Running open() {
                return new Running(
                        (f, items) -> OtherWays.parallelStream(f, items.stream()).toList(),
                        () -> {});
            }
        },
        /// A virtual thread for each item.
        MAP_CONCURRENT {
            @Override
            Running open() {
                return new Running((f, items) -> OtherWays
                        .mapConcurrent(WORKERS, f, items.stream()).toList(), () -> {});
            }
        },
        /// A future for each item.
        GUAVA {
            @Override
            Running open() {
                ListeningExecutorService executor = MoreExecutors
                        .listeningDecorator(Executors.newFixedThreadPool(WORKERS));
                return new Running(
                        (f, items) -> OtherWays.guavaFutures(executor, f, items), executor);
            }
        };

        abstract Running open();
    }

    /// A way with its threads.
    record Running(Mapper mapper, AutoCloseable threads) {}

    @FunctionalInterface
    interface Mapper {
        List<Integer> map(Function<Integer, Integer> function, List<Integer> items)
                throws Exception;
    }
}

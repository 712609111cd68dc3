package com.example.threading.poolmap;

import com.google.common.collect.Lists;
import com.google.common.collect.Streams;
import com.google.common.util.concurrent.ListeningExecutorService;
import com.google.common.util.concurrent.MoreExecutors;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Function;
import java.util.stream.Stream;

/// The ways to map, and what each of them promises: the rows of the tables on the module's page.
/// [OtherWaysTest] checks every cell against what the way does, and `ThreadPoolBenchmark` measures
/// the same ways.
public enum Way {

    POOL_MAP("`ThreadPool.map`", Input.WHOLE, Bound.WORKERS, Noticed.AT_ONCE, Rest.INTERRUPTED,
            Returns.AFTER_THE_REST, Thrown.UNWRAPPED, Interrupt.CANCELS) {
        @Override
        Mapping open(int workers) {
            var pool = new ThreadPool(workers);
            return Mapping.whole((function, items) -> pool.map(function::apply, items),
                    pool::close);
        }
    },

    /// On virtual threads the row is the same.
    POOL_MAP_VIRTUAL("`ThreadPool.map`", Input.WHOLE, Bound.WORKERS, Noticed.AT_ONCE,
            Rest.INTERRUPTED, Returns.AFTER_THE_REST, Thrown.UNWRAPPED, Interrupt.CANCELS) {
        @Override
        Mapping open(int workers) {
            var pool = ThreadPool.ofVirtualThreads(workers);
            return Mapping.whole((function, items) -> pool.map(function::apply, items),
                    pool::close);
        }
    },

    POOL_IMAP("`ThreadPool.imap`", Input.WINDOW, Bound.WORKERS, Noticed.AT_ONCE, Rest.INTERRUPTED,
            Returns.AFTER_THE_REST, Thrown.UNWRAPPED, Interrupt.CANCELS) {
        @Override
        Mapping open(int workers) {
            var pool = new ThreadPool(workers);
            return Mapping.lazy((function, items) -> pool.imap(function::apply, items),
                    pool::close);
        }
    },

    FAIL_FAST("`failFast`, the fifteen lines", Input.WHOLE, Bound.WORKERS, Noticed.AT_ONCE,
            Rest.INTERRUPTED, Returns.AFTER_THE_REST, Thrown.WRAPPED, Interrupt.CANCELS) {
        @Override
        Mapping open(int workers) {
            return Mapping.whole((function, items) -> OtherWays
                    .failFast(workers, function, items), () -> {});
        }
    },

    COMPLETION_SERVICE("the same on a shared executor", Input.WHOLE, Bound.WORKERS,
            Noticed.AT_ONCE, Rest.INTERRUPTED, Returns.BEFORE_THE_REST, Thrown.WRAPPED,
            Interrupt.CANCELS) {
        @Override
        Mapping open(int workers) {
            var executor = Executors.newFixedThreadPool(workers);
            return Mapping.whole((function, items) -> OtherWays
                    .completionService(executor, function, items), executor::close);
        }
    },

    INVOKE_ALL("`ExecutorService.invokeAll`", Input.WHOLE, Bound.WORKERS, Noticed.AFTER_THE_REST,
            Rest.RUNS_ON, Returns.AFTER_THE_REST, Thrown.WRAPPED, Interrupt.CANCELS) {
        @Override
        Mapping open(int workers) {
            var executor = Executors.newFixedThreadPool(workers);
            return Mapping.whole((function, items) -> OtherWays
                    .invokeAll(executor, function, items), executor::close);
        }
    },

    CHUNKS("`invokeAll` of a chunk per worker", Input.WHOLE, Bound.WORKERS,
            Noticed.AFTER_THE_REST, Rest.RUNS_ON, Returns.AFTER_THE_REST, Thrown.WRAPPED,
            Interrupt.CANCELS) {
        @Override
        Mapping open(int workers) {
            var executor = Executors.newFixedThreadPool(workers);
            return Mapping.whole((function, items) -> OtherWays
                    .chunks(executor, workers, function, items), executor::close);
        }
    },

    PARALLEL_STREAM("parallel stream", Input.BATCHES, Bound.CORES,
            Noticed.AFTER_ITS_OWN_SHARE, Rest.RUNS_ON, Returns.BEFORE_THE_REST,
            Thrown.AS_A_COPY, Interrupt.IGNORED) {
        @Override
        Mapping open(int workers) {
            return Mapping.lazy((function, items) -> OtherWays
                    .parallelStream(function, Streams.stream(items)), () -> {});
        }
    },

    MAP_CONCURRENT("`Gatherers.mapConcurrent`", Input.WINDOW, Bound.WORKERS, Noticed.IN_TURN,
            Rest.INTERRUPTED, Returns.AFTER_THE_REST, Thrown.UNWRAPPED_UNLESS_ERROR,
            Interrupt.IGNORED) {
        @Override
        Mapping open(int workers) {
            return Mapping.lazy((function, items) -> OtherWays
                    .mapConcurrent(workers, function, Streams.stream(items)), () -> {});
        }
    },

    GUAVA("Guava's `Futures.allAsList`", Input.WHOLE, Bound.WORKERS, Noticed.AT_ONCE, Rest.RUNS_ON,
            Returns.BEFORE_THE_REST, Thrown.WRAPPED, Interrupt.ENDS_THE_WAITING) {
        @Override
        Mapping open(int workers) {
            ListeningExecutorService executor = MoreExecutors
                    .listeningDecorator(Executors.newFixedThreadPool(workers));
            return Mapping.whole((function, items) -> OtherWays
                    .guavaFutures(executor, function, items), executor::close);
        }
    };

    /// What is read of the input before the first results are there.
    enum Input {
        WHOLE, BATCHES, WINDOW
    }

    /// What limits how many items are worked on at a time.
    enum Bound {
        WORKERS, CORES
    }

    /// When a failure beside a slow item reaches the caller.
    enum Noticed {
        AT_ONCE, IN_TURN, AFTER_ITS_OWN_SHARE, AFTER_THE_REST
    }

    /// What becomes of the items that run when one has failed.
    enum Rest {
        INTERRUPTED, RUNS_ON
    }

    /// When the call that failed returns.
    enum Returns {
        AFTER_THE_REST, BEFORE_THE_REST
    }

    /// How the caller gets what the function has thrown.
    enum Thrown {
        UNWRAPPED, UNWRAPPED_UNLESS_ERROR, AS_A_COPY, WRAPPED
    }

    /// What an interrupt of the caller does.
    enum Interrupt {
        CANCELS, ENDS_THE_WAITING, IGNORED
    }

    final String title;
    final Input input;
    final Bound bound;
    final Noticed noticed;
    final Rest rest;
    final Returns returns;
    final Thrown thrown;
    final Interrupt interrupt;

    Way(String title, Input input, Bound bound, Noticed noticed, Rest rest, Returns returns,
            Thrown thrown, Interrupt interrupt) {
        this.title = title;
        this.input = input;
        this.bound = bound;
        this.noticed = noticed;
        this.rest = rest;
        this.returns = returns;
        this.thrown = thrown;
        this.interrupt = interrupt;
    }

    /// @param workers how many items may be worked on at a time, where that can be chosen
    abstract Mapping open(int workers);

    int mostAtATime(int workers) {
        return bound == Bound.WORKERS ? workers : ForkJoinPool.getCommonPoolParallelism() + 1;
    }

    /// Whether the calling thread applies the function to some of the items.
    boolean callerWorks() {
        return bound == Bound.CORES;
    }

    /// Its row in the table of what is read and what runs.
    String rowOfWork() {
        return row(words(input), words(bound));
    }

    /// Its row in the table of failures and interrupts.
    String rowOfFailures() {
        return row(words(noticed),
                words(rest) + (returns == Returns.AFTER_THE_REST ? ", waited for" : ""),
                words(thrown), words(interrupt));
    }

    private String row(String... cells) {
        return "| " + title + " | " + String.join(" | ", cells) + " |";
    }

    private static String words(Enum<?> fact) {
        return fact.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /// A way with its threads.
    record Mapping(Mapper mapper, Runnable end) implements AutoCloseable {

        static Mapping whole(Whole mapper, Runnable end) {
            return new Mapping(mapper, end);
        }

        static Mapping lazy(Lazy mapper, Runnable end) {
            return new Mapping(mapper, end);
        }

        List<Integer> map(Function<Integer, Integer> function, List<Integer> items)
                throws Exception {
            return switch (mapper) {
                case Whole whole -> whole.map(function, items);
                case Lazy lazy -> {
                    try (Stream<Integer> results = lazy.map(function, items)) {
                        yield results.toList();
                    }
                }
            };
        }

        /// Returns the first `n` results.
        List<Integer> first(int n, Function<Integer, Integer> function, Iterable<Integer> items)
                throws Exception {
            return switch (mapper) {
                case Whole whole -> whole.map(function, Lists.newArrayList(items)).subList(0, n);
                case Lazy lazy -> {
                    try (Stream<Integer> results = lazy.map(function, items)) {
                        yield results.limit(n).toList();
                    }
                }
            };
        }

        @Override
        public void close() {
            end.run();
        }
    }

    sealed interface Mapper {}

    @FunctionalInterface
    non-sealed interface Whole extends Mapper {
        List<Integer> map(Function<Integer, Integer> function, List<Integer> items)
                throws Exception;
    }

    @FunctionalInterface
    non-sealed interface Lazy extends Mapper {
        Stream<Integer> map(Function<Integer, Integer> function, Iterable<Integer> items)
                throws Exception;
    }
}

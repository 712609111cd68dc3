package com.example.threading.poolmap;

import static java.util.stream.Collectors.joining;

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

/// The ways to map, and what each of them promises: the table of the module's page, row by row.
/// [OtherWaysTest] holds every cell against what the way does.
enum Way {

    POOL_MAP("`ThreadPool.map`", Input.WHOLE, Bound.WORKERS, Noticed.AT_ONCE, Rest.INTERRUPTED,
            Returns.AFTER_THE_REST, Thrown.AS_IT_IS, Interrupt.CANCELS) {
        @Override
        Mapping open(int workers) {
            var pool = new ThreadPool(workers);
            return new Mapping(pool::close, (n, function, items) -> pool
                    .map(function::apply, items).subList(0, n));
        }
    },

    POOL_IMAP("`ThreadPool.imap`", Input.WINDOW, Bound.WORKERS, Noticed.AT_ONCE, Rest.INTERRUPTED,
            Returns.AFTER_THE_REST, Thrown.AS_IT_IS, Interrupt.CANCELS) {
        @Override
        Mapping open(int workers) {
            var pool = new ThreadPool(workers);
            return new Mapping(pool::close, (n, function, items) -> {
                try (var results = pool.imap(function::apply, items)) {
                    return results.limit(n).toList();
                }
            });
        }
    },

    INVOKE_ALL("`ExecutorService.invokeAll`", Input.WHOLE, Bound.WORKERS, Noticed.AFTER_THE_REST,
            Rest.RUNS_ON, Returns.AFTER_THE_REST, Thrown.WRAPPED, Interrupt.CANCELS) {
        @Override
        Mapping open(int workers) {
            var executor = Executors.newFixedThreadPool(workers);
            return new Mapping(executor::close, (n, function, items) -> OtherWays
                    .invokeAll(executor, function, Lists.newArrayList(items))
                    .subList(0, n));
        }
    },

    CHUNKS("`invokeAll` of a chunk per worker", Input.WHOLE, Bound.WORKERS,
            Noticed.AFTER_THE_REST, Rest.RUNS_ON, Returns.AFTER_THE_REST, Thrown.WRAPPED,
            Interrupt.CANCELS) {
        @Override
        Mapping open(int workers) {
            var executor = Executors.newFixedThreadPool(workers);
            return new Mapping(executor::close, (n, function, items) -> OtherWays
                    .chunks(executor, workers, function, Lists.newArrayList(items))
                    .subList(0, n));
        }
    },

    PARALLEL_STREAM("parallel stream", Input.BATCHES, Bound.CORES,
            Noticed.AFTER_ITS_OWN_SHARE, Rest.RUNS_ON, Returns.BEFORE_THE_REST,
            Thrown.AS_A_COPY, Interrupt.IGNORED) {
        @Override
        Mapping open(int workers) {
            return new Mapping(() -> {}, (n, function, items) -> OtherWays
                    .parallelStream(function, Streams.stream(items)).limit(n).toList());
        }
    },

    MAP_CONCURRENT("`Gatherers.mapConcurrent`", Input.WINDOW, Bound.WORKERS, Noticed.IN_TURN,
            Rest.INTERRUPTED, Returns.AFTER_THE_REST, Thrown.AS_IT_IS_UNLESS_ERROR,
            Interrupt.IGNORED) {
        @Override
        Mapping open(int workers) {
            return new Mapping(() -> {}, (n, function, items) -> OtherWays
                    .mapConcurrent(workers, function, Streams.stream(items))
                    .limit(n).toList());
        }
    },

    GUAVA("Guava's `Futures.allAsList`", Input.WHOLE, Bound.WORKERS, Noticed.AT_ONCE, Rest.RUNS_ON,
            Returns.BEFORE_THE_REST, Thrown.WRAPPED, Interrupt.ENDS_THE_WAITING) {
        @Override
        Mapping open(int workers) {
            ListeningExecutorService executor = MoreExecutors
                    .listeningDecorator(Executors.newFixedThreadPool(workers));
            return new Mapping(executor::close, (n, function, items) -> OtherWays
                    .guavaFutures(executor, function, Lists.newArrayList(items))
                    .subList(0, n));
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
        AS_IT_IS, AS_IT_IS_UNLESS_ERROR, AS_A_COPY, WRAPPED
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

    /// Its row in the table.
    String row() {
        return Stream.concat(Stream.of(title), Stream
                .of(input, bound, noticed, rest, returns, thrown, interrupt)
                .map(fact -> fact.name().toLowerCase(Locale.ROOT).replace('_', ' ')))
                .collect(joining(" | ", "| ", " |"));
    }

    /// A way with its threads.
    record Mapping(Runnable end, First mapper) implements AutoCloseable {

        List<Integer> first(int n, Function<Integer, Integer> function, Iterable<Integer> items)
                throws Exception {
            return mapper.first(n, function, items);
        }

        @Override
        public void close() {
            end.run();
        }
    }

    /// Maps items, and returns the first `n` results.
    @FunctionalInterface
    interface First {
        List<Integer> first(int n, Function<Integer, Integer> function, Iterable<Integer> items)
                throws Exception;
    }
}

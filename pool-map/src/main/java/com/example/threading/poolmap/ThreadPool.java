package com.example.threading.poolmap;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.MapMaker;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.commons.lang3.tuple.Pair;
import org.apache.commons.lang3.tuple.Triple;

/// A fixed number of workers that apply a function to many items: a bounded parallel map, after
/// Python's `multiprocessing.pool.ThreadPool`.
///
/// ```java
/// try (var pool = new ThreadPool(4)) {
///     List<String> bodies = pool.map(Fetch::body, urls);
/// }
/// ```
///
/// What holds for every member that takes a function:
///
/// - **Bounded.** At most `workers` applications run at a time, whatever the number of calls.
///   They start in the order in which they were asked for: a map asks for all its items at once,
///   a stream for each as it reads it.
/// - **The first failure ends the call.** What has not started never starts; what runs is
///   interrupted and waited for. The failure arrives as the very object that was thrown, an
///   [Error] too, and what else was thrown until then is suppressed in it. The pool goes on.
/// - **An interrupt ends the call.** A caller that is interrupted while it waits here ends the call
///   in the same way and gets the [InterruptedException]. A function that ignores its own interrupt
///   is waited for; an interrupt of the caller while it does so ends that waiting too.
/// - **No call from within.** A worker that waited for its own pool could wait for ever, so every
///   such call from one of the pool's own workers is refused with an [IllegalStateException]. Of
///   two pools whose workers wait for each other, neither can know: that is yours to avoid.
/// - **Nothing is kept.** After a call the pool holds neither its items nor its results.
///
/// A pool may be used by several threads at once. It keeps its threads until it is closed.
///
/// This file says what a pool does; how it is done is in `Call`, the tasks of one call, and in
/// `MapCall` and `LazyCall`, which deal out the items to them. Copy the four together. `Zip`, which
/// pairs inputs for [#starmap], can go with them.
public final class ThreadPool implements AutoCloseable {

    /// More can only be a mistake: a stream keeps room for two results of every worker.
    private static final int MOST_WORKERS = 1_000_000;

    private static final AtomicInteger POOLS = new AtomicInteger();

    /// Bound in every worker to the pool that it works for.
    private static final ScopedValue<ThreadPool> OWNER = ScopedValue.newInstance();

    private final ThreadFactory threads;
    final ThreadPoolExecutor executor;

    /// The calls that [#terminate()] cancels. Weakly held, so that a stream which was left
    /// unread and unclosed can be collected.
    final Set<Call> calls = Collections.newSetFromMap(new MapMaker().weakKeys().makeMap());

    /// Set before the executor is shut down, so that a call that is broken off knows why.
    private volatile boolean terminated;

    /// A pool of daemon platform threads, named `ThreadPool-1-worker-1` and so on.
    ///
    /// @param workers how many, from 1 to a million
    /// @throws IllegalArgumentException if `workers` is less than 1 or more than a million
    public ThreadPool(int workers) {
        this(workers, Thread.ofPlatform().daemon().name(nextName(), 1).factory());
    }

    /// A pool of virtual threads, named `ThreadPool-1-worker-1` and so on: for functions that
    /// mostly wait, where thousands of workers are wanted.
    ///
    /// @param workers how many, from 1 to a million
    /// @return the pool
    /// @throws IllegalArgumentException if `workers` is less than 1 or more than a million
    public static ThreadPool ofVirtualThreads(int workers) {
        return new ThreadPool(workers, Thread.ofVirtual().name(nextName(), 1).factory());
    }

    /// A pool whose threads come from `threads`, which names them and decides what they are. A
    /// thread is made when a call first needs it; if that fails, so does the call.
    ///
    /// @param workers how many, from 1 to a million
    /// @param threads makes them
    /// @throws IllegalArgumentException if `workers` is less than 1 or more than a million
    public ThreadPool(int workers, ThreadFactory threads) {
        checkArgument(1 <= workers && workers <= MOST_WORKERS,
                "workers must be from 1 to %s, not %s", MOST_WORKERS, workers);
        this.threads = requireNonNull(threads, "threads");
        this.executor = new ThreadPoolExecutor(
                workers, workers, 0, TimeUnit.NANOSECONDS,
                new LinkedBlockingQueue<>(), this::newWorker,
                // The queue is unbounded, so only a shutdown makes it refuse.
                (_, _) -> breakOff());
    }

    /// Applies `function` to every item and returns the results in the order of the items.
    ///
    /// @param function applied in the workers
    /// @param items read wholly, in the caller's thread, before the first application
    /// @param <T> an item
    /// @param <R> a result
    /// @param <E> what `function` throws
    /// @return a result for each item; it may hold nulls and cannot be changed
    /// @throws E the first failure of `function`
    /// @throws InterruptedException if the caller was interrupted
    /// @throws CancellationException if the pool was terminated meanwhile
    /// @throws IllegalStateException if the pool is closed, also while the call is starting, or the
    ///   caller is one of its workers
    public <T, R, E extends Exception> List<R> map(
            InterruptibleFunction<? super T, ? extends R, E> function, Iterable<? extends T> items)
            throws E, InterruptedException {
        return new MapCall<T, R>(this, function, items).join();
    }

    /// Applies `function` to the parts of every pair: [#map] over what `Zip.zip` makes.
    ///
    /// ```java
    /// pool.starmap(Fetch::body, zip(hosts, paths));
    /// pool.starmap(Fetch::body, zip(repeat(host), paths));
    /// ```
    ///
    /// @param function applied in the workers
    /// @param items read wholly before the first application
    /// @param <A> the first part of an item
    /// @param <B> the second part of an item
    /// @param <R> a result
    /// @param <E> what `function` throws
    /// @return as [#map]
    /// @throws E as [#map]
    /// @throws InterruptedException as [#map]
    public <A, B, R, E extends Exception> List<R> starmap(
            InterruptibleBiFunction<? super A, ? super B, ? extends R, E> function,
            Iterable<Pair<A, B>> items) throws E, InterruptedException {
        return map(spread(function), items);
    }

    /// Applies `function` to the parts of every triple.
    ///
    /// @param function applied in the workers
    /// @param items read wholly before the first application
    /// @param <A> the first part of an item
    /// @param <B> the second part of an item
    /// @param <C> the third part of an item
    /// @param <R> a result
    /// @param <E> what `function` throws
    /// @return as [#map]
    /// @throws E as [#map]
    /// @throws InterruptedException as [#map]
    public <A, B, C, R, E extends Exception> List<R> starmap(
            InterruptibleTriFunction<? super A, ? super B, ? super C, ? extends R, E> function,
            Iterable<Triple<A, B, C>> items) throws E, InterruptedException {
        return map(spread(function), items);
    }

    /// Starts a [#map] and returns at once. The future completes when the last application has
    /// ended, in a worker, with the results or with the very object that `function` threw.
    ///
    /// Completing it from outside ends the call, be it with [Future#cancel], with
    /// [CompletableFuture#orTimeout] or otherwise: what runs is interrupted, though not waited
    /// for. An interrupt of a thread that waits for the future ends only its waiting.
    ///
    /// As always with a [CompletableFuture], it is the future returned here that must be completed,
    /// not one derived from it; and what depends on it without an executor of its own may run
    /// in a worker or, when the pool is terminated, in the thread that does so. There it must
    /// neither wait nor call this pool: take `thenApplyAsync`.
    ///
    /// @param function applied in the workers
    /// @param items read wholly, in the caller's thread, before the first application
    /// @param <T> an item
    /// @param <R> a result
    /// @return the results to come
    /// @throws IllegalStateException if the pool is closed, also while the call is starting, or the
    ///   caller is one of its workers
    /// @throws CancellationException if the pool was terminated meanwhile
    public <T, R> CompletableFuture<List<R>> mapAsync(
            InterruptibleFunction<? super T, ? extends R, ?> function,
            Iterable<? extends T> items) {
        return new MapCall<T, R>(this, function, items).start();
    }

    /// A lazy [#map]: the results in the order of the items, as a stream over input of any
    /// length. The input is read in the thread that reads the stream, and `2 · workers` items
    /// ahead of it: so far before a result is given, and never further. A stream that is read
    /// slowly, or no more, holds no worker. It belongs to one thread, as streams do.
    ///
    /// Close the stream, best by try-with-resources, to end the call early: what runs is
    /// interrupted and waited for. A stream that was abandoned without closing reads nothing more;
    /// what it has read ahead is still done.
    ///
    /// A failure is thrown as soon as the reader can be told, before results that were ready, and
    /// also that of an item read ahead. `E` and [InterruptedException] are thrown where the stream
    /// is read, by whichever method reads it; they are declared here because those methods cannot
    /// declare them. What the input's iterator throws arrives there, too.
    ///
    /// @param function applied in the workers
    /// @param items read as the stream is read
    /// @param <T> an item
    /// @param <R> a result
    /// @param <E> what `function` throws
    /// @return the results to come; leave it sequential, since a parallel stream reads in batches
    /// @throws E the first failure of `function`, when the stream is read
    /// @throws InterruptedException if the reader of the stream was interrupted
    /// @throws CancellationException if the pool was terminated, when the stream is read
    /// @throws IllegalStateException if the pool is closed, or the caller is one of its workers
    public <T, R, E extends Exception> Stream<R> imap(
            InterruptibleFunction<? super T, ? extends R, E> function, Iterable<? extends T> items)
            throws E, InterruptedException {
        return new LazyCall<T, R>(this, function, items, true).stream();
    }

    /// As [#imap], with the results in the order in which they are ready.
    ///
    /// @param function applied in the workers
    /// @param items read as the stream is read
    /// @param <T> an item
    /// @param <R> a result
    /// @param <E> what `function` throws
    /// @return the results to come, as for [#imap]
    /// @throws E the first failure of `function`, when the stream is read
    /// @throws InterruptedException if the reader of the stream was interrupted
    /// @throws CancellationException if the pool was terminated, when the stream is read
    /// @throws IllegalStateException if the pool is closed, or the caller is one of its workers
    public <T, R, E extends Exception> Stream<R> imapUnordered(
            InterruptibleFunction<? super T, ? extends R, E> function, Iterable<? extends T> items)
            throws E, InterruptedException {
        return new LazyCall<T, R>(this, function, items, false).stream();
    }

    /// Refuses new calls, finishes those that were accepted, and ends the workers. Of a stream,
    /// what it has read ahead is accepted; one that is reading its input at this moment may fail.
    /// If the caller is interrupted while it waits, the pool is terminated, not waited for any
    /// more, and the interrupt is kept.
    ///
    /// @throws IllegalStateException if the caller is one of the pool's workers
    @Override
    public void close() {
        refuseWorkers();
        executor.shutdown();
        try {
            executor.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
        } catch (InterruptedException _) {
            terminate();
            Thread.currentThread().interrupt();
        }
    }

    /// Refuses new calls, interrupts the workers and cancels every call: whoever waits for one
    /// gets a [CancellationException] at once, or the failure that the call had before, also while
    /// a worker ignores its interrupt. It waits for no worker, and may be called from anywhere, a
    /// worker included. What depends on futures of [#mapAsync] may run in the calling thread.
    public void terminate() {
        terminated = true;
        executor.shutdown();
        calls.forEach(call -> call.cancel(cancellation()));
        executor.shutdownNow();
        // The futures come last: what depends on them runs here, and may take its time.
        calls.forEach(Call::release);
        calls.forEach(Call::end);
    }

    /// Makes a function of two parameters one of pairs, so that every member takes it:
    /// `pool.imap(spread(Fetch::body), zip(hosts, paths))`.
    ///
    /// @param function takes the parts
    /// @param <A> the left part
    /// @param <B> the right part
    /// @param <R> a result
    /// @param <E> what `function` throws
    /// @return takes the pair
    public static <A, B, R, E extends Exception> InterruptibleFunction<Pair<A, B>, R, E> spread(
            InterruptibleBiFunction<? super A, ? super B, ? extends R, E> function) {
        requireNonNull(function, "function");
        return pair -> function.apply(pair.getLeft(), pair.getRight());
    }

    /// Makes a function of three parameters one of triples.
    ///
    /// @param function takes the parts
    /// @param <A> the left part
    /// @param <B> the middle part
    /// @param <C> the right part
    /// @param <R> a result
    /// @param <E> what `function` throws
    /// @return takes the triple
    public static <A, B, C, R, E extends Exception> InterruptibleFunction<Triple<A, B, C>, R, E> spread(
            InterruptibleTriFunction<? super A, ? super B, ? super C, ? extends R, E> function) {
        requireNonNull(function, "function");
        return triple -> function.apply(
                triple.getLeft(), triple.getMiddle(), triple.getRight());
    }

    /// A function that may fail with an `E` and may be interrupted. The interrupt is declared
    /// apart, so that a function that throws both `IOException` and [InterruptedException] still
    /// makes `map` throw an `IOException` and not the nearest common type, [Exception].
    ///
    /// @param <T> its parameter
    /// @param <R> its result
    /// @param <E> what it throws; inferred as [RuntimeException] if it declares nothing
    @FunctionalInterface
    public interface InterruptibleFunction<T, R, E extends Exception> {
        /// Applies the function.
        ///
        /// @param item what it is applied to
        /// @return the result
        /// @throws E if it fails
        /// @throws InterruptedException if it was interrupted, as it is when its call has ended
        R apply(T item) throws E, InterruptedException;
    }

    /// An [InterruptibleFunction] of two parameters.
    ///
    /// @param <A> its first parameter
    /// @param <B> its second parameter
    /// @param <R> its result
    /// @param <E> what it throws
    @FunctionalInterface
    public interface InterruptibleBiFunction<A, B, R, E extends Exception> {
        /// Applies the function.
        ///
        /// @param first the left part of the item
        /// @param second the right part of the item
        /// @return the result
        /// @throws E if it fails
        /// @throws InterruptedException if it was interrupted, as it is when its call has ended
        R apply(A first, B second) throws E, InterruptedException;
    }

    /// An [InterruptibleFunction] of three parameters.
    ///
    /// @param <A> its first parameter
    /// @param <B> its second parameter
    /// @param <C> its third parameter
    /// @param <R> its result
    /// @param <E> what it throws
    @FunctionalInterface
    public interface InterruptibleTriFunction<A, B, C, R, E extends Exception> {
        /// Applies the function.
        ///
        /// @param first the left part of the item
        /// @param second the middle part of the item
        /// @param third the right part of the item
        /// @return the result
        /// @throws E if it fails
        /// @throws InterruptedException if it was interrupted, as it is when its call has ended
        R apply(A first, B second, C third) throws E, InterruptedException;
    }

    private Thread newWorker(Runnable work) {
        Runnable owned = () -> ScopedValue.where(OWNER, this).run(work);
        return requireNonNull(threads.newThread(owned), "the thread factory returned null");
    }

    int workers() {
        return executor.getCorePoolSize();
    }

    void refuseWorkers() {
        if (OWNER.isBound() && OWNER.get() == this) {
            throw new IllegalStateException("called from a worker of this pool: if every worker"
                    + " waited for another one, none would be left to work");
        }
    }

    void refuseIfClosed() {
        if (executor.isShutdown()) {
            throw new IllegalStateException("the pool is closed");
        }
    }

    /// Ends a call that the pool had let in, and that now has a task too late for the executor.
    private void breakOff() {
        if (terminated) {
            throw cancellation();
        }
        refuseIfClosed();
    }

    private static CancellationException cancellation() {
        return new CancellationException("the pool was terminated");
    }

    private static String nextName() {
        return "ThreadPool-" + POOLS.incrementAndGet() + "-worker-";
    }
}

package com.example.threading.poolmap;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.Iterables;
import com.google.common.collect.Lists;
import com.google.common.collect.MapMaker;
import com.google.common.collect.Streams;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.commons.lang3.exception.ExceptionUtils;
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
/// - **An interrupt ends the call.** A caller that is interrupted while it waits ends the call in
///   the same way and gets the [InterruptedException]. A function that ignores its own interrupt
///   is waited for; a second interrupt of the caller ends that waiting too.
/// - **No call from within.** A worker that waited for its own pool could wait for ever, so every
///   such call from one of the pool's own workers is refused with an [IllegalStateException]. Of
///   two pools whose workers wait for each other, neither can know: that is yours to avoid.
/// - **Nothing is kept.** After a call the pool holds neither its items nor its results.
///
/// A pool may be used by several threads at once.
public final class ThreadPool implements AutoCloseable {

    private static final AtomicInteger POOLS = new AtomicInteger();

    /// Bound in every worker to the pool that it works for.
    private static final ScopedValue<ThreadPool> OWNER = ScopedValue.newInstance();

    private final ThreadFactory threads;
    private final BlockingQueue<Runnable> queue = new LinkedBlockingQueue<>();
    private final ThreadPoolExecutor executor;

    /// The calls that [#terminate()] cancels. Weakly held, so that a stream which was left
    /// unread and unclosed can be collected.
    private final Set<Call> calls = Collections.newSetFromMap(new MapMaker().weakKeys().makeMap());

    /// A pool of daemon platform threads, named `ThreadPool-1-worker-1` and so on.
    ///
    /// @param workers how many, at least 1
    /// @throws IllegalArgumentException if `workers` is less than 1
    public ThreadPool(int workers) {
        this(workers, Thread.ofPlatform().daemon().name(nextName(), 1).factory());
    }

    /// A pool of virtual threads, named `ThreadPool-1-worker-1` and so on: for functions that
    /// mostly wait, where thousands of workers are wanted.
    ///
    /// @param workers how many, at least 1
    /// @return the pool
    /// @throws IllegalArgumentException if `workers` is less than 1
    public static ThreadPool ofVirtualThreads(int workers) {
        return new ThreadPool(workers, Thread.ofVirtual().name(nextName(), 1).factory());
    }

    /// A pool whose threads come from `threads`, which names them and decides what they are. A
    /// thread is made when a call first needs it; if that fails, so does the call.
    ///
    /// @param workers how many, at least 1
    /// @param threads makes them
    /// @throws IllegalArgumentException if `workers` is less than 1
    public ThreadPool(int workers, ThreadFactory threads) {
        checkArgument(workers >= 1, "workers must be at least 1, not %s", workers);
        this.threads = requireNonNull(threads, "threads");
        this.executor = new ThreadPoolExecutor(
                workers, workers, 0, TimeUnit.NANOSECONDS, queue, this::newWorker,
                // The queue is unbounded, so only a shutdown makes it refuse.
                (_, _) -> refuseIfClosed());
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
    /// @throws IllegalStateException if the pool is closed, or the caller is one of its workers
    public <T, R, E extends Exception> List<R> map(
            InterruptibleFunction<? super T, ? extends R, E> function, Iterable<? extends T> items)
            throws E, InterruptedException {
        return new MapCall<T, R>(function, items).join();
    }

    /// Applies `function` to the parts of every pair: [#map] over [#zip(Iterable, Iterable)].
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
    /// for. As always with a [CompletableFuture], this must be done to the future returned here,
    /// not to one derived from it; and what depends on it without an executor of its own may run
    /// in a worker, where it must neither wait nor call this pool: take `thenApplyAsync`.
    ///
    /// @param function applied in the workers
    /// @param items read wholly, in the caller's thread, before the first application
    /// @param <T> an item
    /// @param <R> a result
    /// @return the results to come
    /// @throws IllegalStateException if the pool is closed, or the caller is one of its workers
    /// @throws CancellationException if the pool was terminated meanwhile
    public <T, R> CompletableFuture<List<R>> mapAsync(
            InterruptibleFunction<? super T, ? extends R, ?> function,
            Iterable<? extends T> items) {
        return new MapCall<T, R>(function, items).start();
    }

    /// A lazy [#map]: the results in the order of the items, as a stream over input of any
    /// length. The input is read in the thread that reads the stream, and `2 · workers` items
    /// ahead of it: so far before a result is given, and never further. A stream that is read
    /// slowly, or no more, holds no worker. It belongs to one thread, as streams do.
    ///
    /// Close the stream, best by try-with-resources, to end the call early: what runs is
    /// interrupted and waited for. A stream that was abandoned without closing starts nothing new.
    ///
    /// A failure is thrown as soon as the reader can be told, before results that were ready, and
    /// also that of an item read ahead. `E` and [InterruptedException] are thrown where the stream is read, by whichever method
    /// reads it; they are declared here because those methods cannot declare them. So does what
    /// the input's iterator throws arrive there.
    ///
    /// @param function applied in the workers
    /// @param items read as the stream is read
    /// @param <T> an item
    /// @param <R> a result
    /// @param <E> what `function` throws
    /// @return the results to come; leave it sequential, since a parallel stream reads in batches
    /// @throws E the first failure of `function`, when the stream is read
    /// @throws InterruptedException if the reader of the stream was interrupted
    /// @throws IllegalStateException if the pool is closed, or the caller is one of its workers
    public <T, R, E extends Exception> Stream<R> imap(
            InterruptibleFunction<? super T, ? extends R, E> function, Iterable<? extends T> items)
            throws E, InterruptedException {
        return new LazyCall<T, R>(function, items, true).stream();
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
    /// @throws IllegalStateException if the pool is closed, or the caller is one of its workers
    public <T, R, E extends Exception> Stream<R> imapUnordered(
            InterruptibleFunction<? super T, ? extends R, E> function, Iterable<? extends T> items)
            throws E, InterruptedException {
        return new LazyCall<T, R>(function, items, false).stream();
    }

    /// Refuses new calls, finishes those that were accepted, and ends the workers. If the caller
    /// is interrupted while it waits, the pool is terminated, not waited for any more, and the
    /// interrupt is kept.
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
    /// gets a [CancellationException] at once, also while a worker ignores its interrupt. Waits
    /// for nothing, and may be called from anywhere, a worker included.
    public void terminate() {
        executor.shutdown();
        // First the reason, then the interrupts that follow from it, then the news.
        calls.forEach(call -> call.stop(new CancellationException("the pool was terminated")));
        executor.shutdownNow();
        calls.forEach(Call::end);
    }

    /// Pairs the items of two inputs, up to the end of the shorter one, lazily.
    ///
    /// @param first gives the left parts
    /// @param second gives the right parts
    /// @param <A> a left part
    /// @param <B> a right part
    /// @return the pairs; each iteration reads both inputs anew
    public static <A, B> Iterable<Pair<A, B>> zip(
            Iterable<? extends A> first, Iterable<? extends B> second) {
        requireNonNull(first, "first");
        requireNonNull(second, "second");
        return () -> Streams.zip(Streams.stream(first), Streams.stream(second), Pair::<A, B>of)
                .iterator();
    }

    /// As [#zip(Iterable, Iterable)], but refuses inputs of unequal length: the iteration throws
    /// an [IllegalArgumentException] where one of them ends before the other.
    ///
    /// @param first gives the left parts
    /// @param second gives the right parts
    /// @param <A> a left part
    /// @param <B> a right part
    /// @return the pairs; each iteration reads both inputs anew
    public static <A, B> Iterable<Pair<A, B>> zipStrict(
            Iterable<? extends A> first, Iterable<? extends B> second) {
        requireNonNull(first, "first");
        requireNonNull(second, "second");
        return () -> new StrictZip<>(first.iterator(), second.iterator());
    }

    /// Joins the items of three inputs, up to the end of the shortest one, lazily.
    ///
    /// @param first gives the left parts
    /// @param second gives the middle parts
    /// @param third gives the right parts
    /// @param <A> a left part
    /// @param <B> a middle part
    /// @param <C> a right part
    /// @return the triples; each iteration reads the inputs anew
    public static <A, B, C> Iterable<Triple<A, B, C>> zip(Iterable<? extends A> first,
            Iterable<? extends B> second, Iterable<? extends C> third) {
        requireNonNull(third, "third");
        Iterable<Pair<A, B>> pairs = zip(first, second);
        return () -> Streams.zip(Streams.stream(pairs), Streams.stream(third),
                (pair, c) -> Triple.<A, B, C>of(pair.getLeft(), pair.getRight(), c)).iterator();
    }

    /// The same value without end, as the constant side of a [#zip(Iterable, Iterable)].
    ///
    /// @param value what every item is
    /// @param <T> its type
    /// @return an infinite input: only [#imap] and [#imapUnordered] can take it bare
    public static <T> Iterable<T> repeat(T value) {
        return Iterables.cycle(Collections.singleton(value));
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

    // How it works: a call is put on the queue once for every worker that can help with it. Each of
    // these entries is a turn; the worker that takes it runs the call. What differs between calls
    // is what a worker does in its turn.

    /// What the workers of one call share. Its monitor guards `running` and every change of
    /// `failure`, so that a thread is interrupted for this call only while it works for it.
    private abstract class Call implements Runnable {

        private final Set<Thread> running = new HashSet<>();
        /// Why the call was stopped; not done as long as it goes well.
        final CompletableFuture<Throwable> failure = new CompletableFuture<>();
        /// Open when no worker is running for the call, and none will.
        final CountDownLatch ended = new CountDownLatch(1);

        Call() {
            refuseWorkers();
            refuseIfClosed();
        }

        /// Puts `turns` turns on the queue.
        final void submit(int turns) {
            calls.add(this);
            for (int i = 0; i < turns; i++) {
                executor.execute(this);
            }
        }

        /// What a worker does in its turn.
        abstract void work() throws Throwable;

        /// Whether a further turn would find nothing to do.
        abstract boolean exhausted();

        void whenEnded() {}

        /// Nothing escapes it, so no failure can cost the pool a worker.
        @Override
        public final void run() {
            if (!enter()) {
                return;
            }
            try {
                work();
            } catch (Throwable t) {
                stop(t);
            } finally {
                leave();
            }
        }

        private synchronized boolean enter() {
            return !stopped() && running.add(Thread.currentThread());
        }

        private void leave() {
            synchronized (this) {
                running.remove(Thread.currentThread());
                // Whoever interrupted this turn did not mean what the worker does next.
                Thread.interrupted();
            }
            endIfIdle();
        }

        /// Ends the call early: nothing more starts, and what runs is interrupted. The first
        /// reason is what the caller gets, with the later ones suppressed in it, except for
        /// interrupts: those follow from the first.
        final void stop(Throwable reason) {
            synchronized (this) {
                if (failure.complete(reason)) {
                    running.forEach(Thread::interrupt);
                    notifyAll();
                } else if (!hasEnded() && !reason.equals(failure.resultNow())
                        && !(reason instanceof InterruptedException)) {
                    failure.resultNow().addSuppressed(reason);
                }
            }
            endIfIdle();
        }

        final void endIfIdle() {
            boolean idle;
            synchronized (this) {
                idle = running.isEmpty() && (stopped() || exhausted());
            }
            if (idle) {
                end();
            }
        }

        /// Lets the caller go on, whether or not something still runs.
        final void end() {
            calls.remove(this);
            ended.countDown();
            whenEnded();
        }

        final boolean stopped() {
            return failure.isDone();
        }

        final boolean hasEnded() {
            return ended.getCount() == 0;
        }

        final void throwIfStopped() throws Throwable {
            if (stopped()) {
                throw failure.resultNow();
            }
        }

        /// Stops the call and waits for its workers. An interrupt ends the waiting and is kept.
        final void stopAndWait(Throwable reason) {
            stop(reason);
            try {
                ended.await();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
            dropTurns();
        }

        /// What a caller does that cannot have its result, be it that a worker failed or that
        /// `reason` befell the caller itself: stops the call, waits, and throws the first failure
        /// as it is. An interrupt that came after it is kept.
        final RuntimeException giveUp(Throwable reason) {
            stopAndWait(reason);
            if (reason instanceof InterruptedException && !reason.equals(failure.resultNow())) {
                Thread.currentThread().interrupt();
            }
            throw ExceptionUtils.asRuntimeException(failure.resultNow());
        }

        /// Turns that no worker has taken would keep the items until one does.
        final void dropTurns() {
            queue.removeIf(turn -> turn == this);
        }
    }

    /// A call whose items are all known: each worker claims the next index until none is left, so
    /// that uneven work spreads evenly, with no chunk size to choose.
    private final class MapCall<T, R> extends Call {

        private final InterruptibleFunction<? super T, ? extends R, ?> function;
        private final List<T> items;
        /// Each element is written by the worker that claimed its index.
        private final Object[] results;
        private final AtomicInteger next = new AtomicInteger();
        private final CompletableFuture<List<R>> future = new CompletableFuture<>();

        MapCall(InterruptibleFunction<? super T, ? extends R, ?> function,
                Iterable<? extends T> items) {
            this.function = requireNonNull(function, "function");
            // By its iterator: an input that has a size may still lie about it.
            this.items = Lists.newArrayList(requireNonNull(items, "items").iterator());
            this.results = new Object[this.items.size()];
        }

        List<R> join() throws InterruptedException {
            try {
                submit();
                ended.await();
                throwIfStopped();
                return results();
            } catch (Throwable t) {
                throw giveUp(t);
            } finally {
                dropTurns();
            }
        }

        CompletableFuture<List<R>> start() {
            try {
                submit();
            } catch (Throwable t) {
                throw giveUp(t);
            }
            var _ = future.whenComplete((_, _) -> {
                if (!hasEnded()) {
                    stop(new CancellationException("the future was completed from outside"));
                }
                dropTurns();
            });
            return future;
        }

        private void submit() {
            submit(Math.min(workers(), results.length));
            // With no items, no worker comes to do it.
            endIfIdle();
        }

        @Override
        void work() throws Throwable {
            int index;
            while (!stopped() && (index = next.getAndIncrement()) < results.length) {
                results[index] = function.apply(items.get(index));
                if (Thread.currentThread().isInterrupted()) {
                    forgetInterrupt();
                }
            }
        }

        /// What the function did to the status of its thread is not for the next item; what
        /// stopped the call is.
        private synchronized void forgetInterrupt() {
            if (!stopped()) {
                Thread.interrupted();
            }
        }

        @Override
        boolean exhausted() {
            return next.get() >= results.length;
        }

        @Override
        void whenEnded() {
            if (stopped()) {
                future.completeExceptionally(failure.resultNow());
            } else {
                future.complete(results());
            }
        }

        @SuppressWarnings("unchecked") // only results of the function are in it
        private List<R> results() {
            return (List<R>) Collections.unmodifiableList(Arrays.asList(results));
        }
    }

    /// A call that reads its input only as far as its reader needs, and is itself the source of
    /// the reader's stream. `input` and `ahead` are confined to the reader; the two queues are
    /// guarded by the monitor.
    private final class LazyCall<T, R> extends Call implements Iterator<R> {

        private final InterruptibleFunction<? super T, ? extends R, ?> function;
        private final Iterator<? extends T> input;
        private final boolean ordered;
        /// Tasks that no worker has taken.
        private final Queue<FutureTask<R>> waiting = new ArrayDeque<>();
        /// Tasks in the order in which the reader gets their results: they join the line when they
        /// are submitted, or, unordered, when they are done.
        private final Queue<FutureTask<R>> line = new ArrayDeque<>();
        /// Items that were read, and whose results the reader has not got.
        private int ahead;

        LazyCall(InterruptibleFunction<? super T, ? extends R, ?> function,
                Iterable<? extends T> items, boolean ordered) {
            this.function = requireNonNull(function, "function");
            this.input = requireNonNull(items, "items").iterator();
            this.ordered = ordered;
        }

        Stream<R> stream() {
            return Streams.stream(this).onClose(() -> {
                refuseWorkers();
                stopAndWait(new CancellationException("the stream was closed"));
            });
        }

        @Override
        public boolean hasNext() {
            refuseWorkers();
            try {
                throwIfStopped();
                readAhead();
                return ahead > 0;
            } catch (Throwable t) {
                throw giveUp(t);
            }
        }

        @Override
        public R next() {
            try {
                return take();
            } catch (Throwable t) {
                throw giveUp(t);
            }
        }

        private void readAhead() {
            while (!stopped() && ahead < window() && input.hasNext()) {
                T item = input.next();
                var task = new FutureTask<R>(() -> applyOrStop(item));
                synchronized (this) {
                    waiting.add(task);
                    if (ordered) {
                        line.add(task);
                    }
                }
                submit(1);
                ahead++;
            }
        }

        /// Stops the call before the task is done: the reader must not find a task that is done and
        /// has no result, in a call that is not stopped.
        private R applyOrStop(T item) throws Exception {
            try {
                return function.apply(item);
            } catch (Throwable t) {
                stop(t);
                throw t;
            }
        }

        /// A closed pool takes nothing more, but the reader still gets what was accepted.
        private int window() {
            return executor.isShutdown() ? 1 : 2 * workers();
        }

        private synchronized R take() throws Throwable {
            while (!stopped() && (line.isEmpty() || !line.element().isDone())) {
                wait();
            }
            throwIfStopped();
            ahead--;
            return line.remove().resultNow();
        }

        @Override
        void work() throws Throwable {
            FutureTask<R> task;
            synchronized (this) {
                task = waiting.remove();
            }
            task.run();
            synchronized (this) {
                if (!ordered) {
                    line.add(task);
                }
                notifyAll();
            }
        }

        /// The reader may always come with more.
        @Override
        boolean exhausted() {
            return false;
        }
    }

    /// Pairs two inputs and refuses to go on when only one of them has ended.
    private static final class StrictZip<A, B> implements Iterator<Pair<A, B>> {

        private final Iterator<? extends A> first;
        private final Iterator<? extends B> second;
        private int pairs;

        StrictZip(Iterator<? extends A> first, Iterator<? extends B> second) {
            this.first = first;
            this.second = second;
        }

        @Override
        public boolean hasNext() {
            checkArgument(first.hasNext() == second.hasNext(),
                    "inputs of unequal length: the %s one ended after %s items",
                    first.hasNext() ? "second" : "first", pairs);
            return first.hasNext();
        }

        @Override
        public Pair<A, B> next() {
            pairs++;
            return Pair.of(first.next(), second.next());
        }
    }

    private Thread newWorker(Runnable work) {
        Runnable owned = () -> ScopedValue.where(OWNER, this).run(work);
        return requireNonNull(threads.newThread(owned), "the thread factory returned null");
    }

    private int workers() {
        return executor.getCorePoolSize();
    }

    private void refuseWorkers() {
        if (OWNER.isBound() && OWNER.get() == this) {
            throw new IllegalStateException("called from a worker of this pool: if every worker"
                    + " waited for another one, none would be left to work");
        }
    }

    private void refuseIfClosed() {
        if (executor.isShutdown()) {
            throw new IllegalStateException("the pool is closed");
        }
    }

    private static String nextName() {
        return "ThreadPool-" + POOLS.incrementAndGet() + "-worker-";
    }
}

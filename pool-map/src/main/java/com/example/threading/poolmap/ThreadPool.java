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
/// For every method that takes a function:
///
/// - **Bounded.** At most `workers` applications run at a time, however many calls there are. They
///   start in the order of submission: `map` submits all its items at once, a stream submits each
///   item when it reads it.
/// - **The first failure ends the call.** Items that have not started never start. Those that run
///   are interrupted, and the call waits for them. Then it throws the very object that the function
///   threw, even an [Error]. Later failures are not reported, since most of them are caused by the
///   interrupts. Results that are ready are discarded; if they are resources, nobody closes them.
///   The pool can still be used.
/// - **An interrupt ends the call** in the same way, and the caller gets the
///   [InterruptedException]. If a function ignores its interrupt, the caller waits for it.
///   Interrupting the caller again ends that wait.
/// - **No call from within.** A worker that waits for its own pool could deadlock, so such a call
///   is refused with an [IllegalStateException]. The pool cannot detect a function that waits for a
///   future of its own pool, or two pools whose workers wait for each other: avoid both.
/// - **Nothing is kept.** After a call the pool holds neither its items nor its results.
///
/// If the function itself throws an [InterruptedException] or a [CancellationException], the call
/// fails with it. Its caller cannot tell that from an interrupt of its own or from [#terminate()].
/// An interrupt also closes an interruptible channel on which the function is blocked, for all who
/// use that channel.
///
/// Several threads may use a pool at once. Until it has `workers` threads, it makes one for each
/// task, even if another is idle, as a [ThreadPoolExecutor] does. It keeps them until it is closed.
/// A [ThreadLocal] that a function sets is still set for later items of the same worker. Functions
/// do not see the caller's scoped values. Unless you pass a [ThreadFactory], they do not see its
/// inheritable thread-locals either, and their context class loader is the system's.
///
/// This file is the API. `Call` runs the tasks of one call; its subclasses `MapCall` and `LazyCall`
/// give items to them. Copy these four files and `InterruptibleFunction`. Copy `Zip`, which pairs
/// inputs for [#starmap], if you need it.
public final class ThreadPool implements AutoCloseable {

    /// A larger number can only be a mistake: a stream keeps room for two results of every worker.
    private static final int MOST_WORKERS = 1_000_000;

    private static final AtomicInteger POOLS = new AtomicInteger();

    /// In every worker, the pool that it works for.
    private static final ThreadLocal<ThreadPool> OWNER = new ThreadLocal<>();

    private final ThreadFactory threads;
    private final ThreadPoolExecutor executor;

    /// The calls that have not ended, for [#terminate()]. Weakly held, so that a stream which was
    /// left unread and unclosed can be collected.
    private final Set<Call> calls = Collections.newSetFromMap(new MapMaker().weakKeys().makeMap());

    /// Set before the shutdown, so that a call whose task is rejected knows why.
    private volatile boolean terminated;

    /// A pool of daemon platform threads, named `ThreadPool-1-worker-1` and so on.
    ///
    /// @param workers how many, from 1 to a million
    /// @throws IllegalArgumentException if `workers` is less than 1 or more than a million
    public ThreadPool(int workers) {
        this(workers, Thread.ofPlatform().daemon()
                .inheritInheritableThreadLocals(false).name(nextName(), 1).factory());
    }

    /// A pool of virtual threads, named `ThreadPool-1-worker-1` and so on: for functions that
    /// mostly wait, where thousands of workers are wanted.
    ///
    /// @param workers how many, from 1 to a million
    /// @return the pool
    /// @throws IllegalArgumentException if `workers` is less than 1 or more than a million
    public static ThreadPool ofVirtualThreads(int workers) {
        return new ThreadPool(workers, Thread.ofVirtual()
                .inheritInheritableThreadLocals(false).name(nextName(), 1).factory());
    }

    /// A pool whose threads come from `threads`, which names them and decides what they are. They
    /// are made as calls need them; if one cannot be made, the call fails. The `interrupt` method
    /// of the threads must not block. Do not pass an executor, though some of Spring's implement
    /// the interface: such an executor would not count the threads that it makes here.
    ///
    /// @param workers how many, from 1 to a million
    /// @param threads makes the workers
    /// @throws IllegalArgumentException if `workers` is less than 1 or more than a million
    public ThreadPool(int workers, ThreadFactory threads) {
        checkArgument(1 <= workers && workers <= MOST_WORKERS,
                "workers must be from 1 to %s, not %s", MOST_WORKERS, workers);
        this.threads = requireNonNull(threads, "threads");
        this.executor = new ThreadPoolExecutor(
                workers, workers, 0, TimeUnit.NANOSECONDS,
                new LinkedBlockingQueue<>(), this::newWorker,
                this::reject);
    }

    /// Applies `function` to every item and returns the results in the order of the items.
    ///
    /// @param function applied in the workers
    /// @param items read completely, in the caller's thread, before the first item is processed
    /// @param <T> an item
    /// @param <R> a result
    /// @param <E> what `function` throws
    /// @return a result for each item; it may hold nulls and cannot be changed
    /// @throws E the first failure of `function`
    /// @throws InterruptedException if the caller was interrupted
    /// @throws CancellationException if the pool was terminated meanwhile
    /// @throws IllegalStateException if the pool is closed (even while the call is starting), or
    ///   if the caller is one of its workers
    public <T, R, E extends Exception> List<R> map(
            InterruptibleFunction<? super T, ? extends R, E> function, Iterable<? extends T> items)
            throws E, InterruptedException {
        return this.<T, R>mapCall(function, items).join();
    }

    /// Applies `function` to the parts of every pair: [#map] over what `Zip.zip` makes.
    ///
    /// ```java
    /// pool.starmap(Fetch::body, zip(hosts, paths));
    /// pool.starmap(Fetch::body, zip(repeat(host), paths));
    /// ```
    ///
    /// @param function applied in the workers
    /// @param items read completely before the first item is processed
    /// @param <A> the first part of an item
    /// @param <B> the second part of an item
    /// @param <R> a result
    /// @param <E> what `function` throws
    /// @return as [#map]
    /// @throws E as [#map]
    /// @throws InterruptedException as [#map]
    public <A, B, R, E extends Exception> List<R> starmap(
            InterruptibleFunction.OfTwo<? super A, ? super B, ? extends R, E> function,
            Iterable<Pair<A, B>> items) throws E, InterruptedException {
        return map(InterruptibleFunction.spread(function), items);
    }

    /// Applies `function` to the parts of every triple.
    ///
    /// @param function applied in the workers
    /// @param items read completely before the first item is processed
    /// @param <A> the first part of an item
    /// @param <B> the second part of an item
    /// @param <C> the third part of an item
    /// @param <R> a result
    /// @param <E> what `function` throws
    /// @return as [#map]
    /// @throws E as [#map]
    /// @throws InterruptedException as [#map]
    public <A, B, C, R, E extends Exception> List<R> starmap(
            InterruptibleFunction.OfThree<? super A, ? super B, ? super C, ? extends R, E> function,
            Iterable<Triple<A, B, C>> items) throws E, InterruptedException {
        return map(InterruptibleFunction.spread(function), items);
    }

    /// Starts a [#map] and returns without waiting for it. The future completes when no function of
    /// the call runs any more, with the results or with the very object that `function` threw. If
    /// the pool is terminated, it completes even while functions still run.
    ///
    /// Any completion from outside, such as [Future#cancel] or a time-out by
    /// [CompletableFuture#orTimeout], ends the call. Items that run are interrupted, but not waited
    /// for. A time-out of [CompletableFuture#get(long, TimeUnit)] and an interrupt of a thread that
    /// waits for the future end only that wait.
    ///
    /// Complete or cancel the future returned here, not one derived from it. A dependent stage
    /// without its own executor may run in a worker, in the thread that completes or cancels the
    /// future, before the items are interrupted, or in the thread that calls [#terminate()]. There
    /// it must not block or call this pool. Use `thenApplyAsync` for that.
    ///
    /// @param function applied in the workers
    /// @param items read completely, in the caller's thread, before the first item is processed
    /// @param <T> an item
    /// @param <R> a result
    /// @return the results to come
    /// @throws IllegalStateException if the pool is closed (even while the call is starting), or
    ///   if the caller is one of its workers
    /// @throws CancellationException if the pool was terminated while the call was starting; or else
    ///   the future tells it
    public <T, R> CompletableFuture<List<R>> mapAsync(
            InterruptibleFunction<? super T, ? extends R, ?> function,
            Iterable<? extends T> items) {
        return this.<T, R>mapCall(function, items).start();
    }

    /// A lazy [#map]: the results in the order of the items, as a stream over input of any length.
    /// It belongs to one thread, as streams do.
    ///
    /// The thread that reads the stream reads the input too, up to `2 · workers` items ahead, never
    /// more. Before it gives a result it reads at least one item, and it reads on while that result
    /// is not ready. So with a slow input, a result comes one item late. A stream that is read
    /// slowly, or no longer read, occupies no worker.
    ///
    /// Results cannot be the input of the same stream, as in a crawler: the reader would wait for
    /// input that only its own result can bring. Map one generation after the other instead.
    ///
    /// A failure, even of an item read ahead, is thrown at the next read, before results that are
    /// ready. A reader that waits for its input learns of it after that wait. `E` and
    /// [InterruptedException] are thrown where the stream is read, by whichever method reads it.
    /// They are declared here because those methods cannot declare them. What the iterator of the
    /// input throws arrives there, too.
    ///
    /// Close the stream, best by try-with-resources, to end the call early. Items that run are
    /// interrupted and waited for. Reading on after that throws a [CancellationException]. A stream
    /// that is abandoned without closing reads nothing more; what it has read ahead is still
    /// processed.
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
        return stream(function, items, true);
    }

    /// As [#imap], but gives the results in completion order.
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
        return stream(function, items, false);
    }

    /// Refuses new calls, finishes those that were accepted, and ends the workers. For a stream,
    /// items already read ahead count as accepted; a stream that is reading its input at that
    /// moment may fail. If the caller is interrupted while it waits, the pool is terminated, the
    /// wait ends, and the interrupt is kept.
    ///
    /// @throws IllegalStateException if the caller is one of the pool's workers
    @Override
    public void close() {
        refuseWorkers();
        executor.shutdown();
        try {
            executor.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
        } catch (InterruptedException interrupted) {
            terminate();
            Thread.currentThread().interrupt();
        }
    }

    /// Refuses new calls, interrupts the workers and cancels every call. Whoever waits for a call
    /// gets a [CancellationException] at once, or the failure that the call already had, even if a
    /// worker ignores its interrupt. This waits for no worker and may be called from anywhere, a
    /// worker included. Stages that depend on a future of [#mapAsync] may run in the calling
    /// thread.
    public void terminate() {
        terminated = true;
        executor.shutdown();
        // Copied before the queue is cleared, since the queue may be all that still holds a call.
        List<Call> abandoned = List.copyOf(calls);
        // Cleared before any call is abandoned, so that no worker which becomes free starts a task.
        executor.getQueue().clear();
        abandoned.forEach(call -> call.abandon(cancellation()));
        // The order matters: interrupted first, a function would fail before its call knows why.
        // This also ends the workers that wait for a task of the cleared queue.
        executor.shutdownNow();
        // Last, since the stages that depend on the futures run here and may take long.
        abandoned.forEach(Call::deliver);
    }

    private <T, R> MapCall<T, R> mapCall(
            InterruptibleFunction<? super T, ? extends R, ?> function,
            Iterable<? extends T> items) {
        refuseWorkers();
        refuseIfClosed();
        return registered(new MapCall<>(executor, calls::remove, function, items));
    }

    private <T, R> Stream<R> stream(InterruptibleFunction<? super T, ? extends R, ?> function,
            Iterable<? extends T> items, boolean ordered) {
        refuseWorkers();
        refuseIfClosed();
        return registered(new LazyCall<T, R>(
                executor, calls::remove, this::refuseWorkers, function, items, ordered)).stream();
    }

    /// Lets [#terminate()] find the call. The order matters: a call is registered before it submits
    /// a task. So `terminate` either finds it, or has shut the executor down before, and the
    /// executor rejects the task.
    private <C extends Call> C registered(C call) {
        calls.add(call);
        return call;
    }

    private void refuseWorkers() {
        if (OWNER.get() == this) {
            throw new IllegalStateException("called from a worker of this pool: if every worker"
                    + " waited for another one, none would be left to work");
        }
    }

    private void refuseIfClosed() {
        if (executor.isShutdown()) {
            throw closed();
        }
    }

    /// Rejects a task of a call that was admitted before the shutdown. Nothing else makes the
    /// executor reject one, since its queue has no bound.
    private void reject(Runnable task, ThreadPoolExecutor shutDown) {
        throw terminated ? cancellation() : closed();
    }

    private static IllegalStateException closed() {
        return new IllegalStateException("the pool is closed");
    }

    private Thread newWorker(Runnable work) {
        return requireNonNull(threads.newThread(() -> {
            OWNER.set(this);
            try {
                work.run();
            } finally {
                // The factory may use the thread for something else afterwards.
                OWNER.remove();
            }
        }), "the thread factory returned null");
    }

    private static CancellationException cancellation() {
        return new CancellationException("the pool was terminated");
    }

    private static String nextName() {
        return "ThreadPool-" + POOLS.incrementAndGet() + "-worker-";
    }
}

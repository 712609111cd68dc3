package com.example.threading.firstresponse;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeoutException;

/// Several ways to get the same answer: the first that *succeeds* wins, the rest are interrupted.
///
/// ```java
/// String body = FirstResponse.of(() -> fetch(primary), () -> fetch(mirror)).get();
/// String hedged = FirstResponse.of(mirrors).staggeredBy(ofMillis(50)).within(ofSeconds(2)).get();
/// ```
///
/// Each competitor runs in a daemon thread of its own and puts itself on a queue when it has
/// finished; the caller takes from the queue until it has a success.
///
/// - A failure never wins, however fast; a `null` result is a success.
/// - Once the race is over, won or not, every competitor still running is interrupted, and the
///   caller does not wait for it. One that ignores the interrupt runs on, and keeps the answers of
///   the race in memory, but no JVM alive.
/// - A loser that succeeds all the same has its result closed, once, if it is [AutoCloseable]
///   itself; a stream inside of it, as in an `HttpResponse`, is not. That happens in the loser's
///   own thread, after the race. So every competitor must open a resource of its own.
/// - An exception counts as its competitor's failure, and so does whatever keeps its thread from
///   starting: reported if nobody wins, dropped if somebody does or if the race is over before.
/// - An [Error] of a competitor counts likewise, and is *also* thrown on in its own thread, as is
///   an exception that a loser's `close` throws: the thread's [Thread.UncaughtExceptionHandler]
///   gets it, and prints it if nobody has set another.
///
/// An instance only describes a race. It is immutable, so [#get()] can be called any number of
/// times, from any number of threads, and every call is a race of its own.
///
/// The idea is the queue race of Python's threading answers. The staggered start is that of
/// Happy Eyeballs ([RFC 8305](https://www.rfc-editor.org/rfc/rfc8305#section-5)), known as hedged
/// requests since [The Tail at Scale](https://research.google/pubs/the-tail-at-scale/).
///
/// @param <T> what the competitors return
public final class FirstResponse<T> {

    private static final Duration FOREVER = ChronoUnit.FOREVER.getDuration();
    private static final ThreadFactory VIRTUAL_THREADS = Thread.ofVirtual()
            .name("first-response-", 1).factory();

    private final List<Callable<? extends T>> competitors;
    private final Duration delay;
    private final Duration limit;
    private final ThreadFactory threads;

    private FirstResponse(List<Callable<? extends T>> competitors, Duration delay, Duration limit,
            ThreadFactory threads) {
        this.competitors = competitors;
        this.delay = delay;
        this.limit = limit;
        this.threads = threads;
    }

    /// Describes a race of these competitors: all at once, without a deadline, each in a virtual
    /// thread.
    ///
    /// @param <T> what the competitors return
    /// @param competitors at least one, none of them null; a failure is reported in this order
    /// @return the race, not yet run
    /// @throws IllegalArgumentException if there is no competitor, or one is null
    @SafeVarargs
    @SuppressWarnings("varargs") // The array is copied, and never written to.
    public static <T> FirstResponse<T> of(
            Callable<? extends T>... competitors) {
        return of(Arrays.asList(competitors));
    }

    /// Describes a race of these competitors, as [#of(Callable...)] does.
    ///
    /// @param <T> what the competitors return
    /// @param competitors at least one, none of them null; a failure is reported in this order
    /// @return the race, not yet run
    /// @throws IllegalArgumentException if there is no competitor, or one is null
    public static <T> FirstResponse<T> of(
            Collection<? extends Callable<? extends T>> competitors) {
        List<Callable<? extends T>> copy = new ArrayList<>(competitors);
        if (copy.isEmpty() || copy.contains(null)) {
            throw new IllegalArgumentException(
                    "competitors " + copy + "; expected at least one, and none of them null");
        }
        return new FirstResponse<>(copy, Duration.ZERO, FOREVER, VIRTUAL_THREADS);
    }

    /// Gives each competitor a head start over the next, which it forfeits by failing: the next one
    /// starts after the delay, or at once when the one before it fails. Those that are not needed
    /// never start.
    ///
    /// @param delay the head start; zero starts all at once
    /// @return the race with this stagger
    /// @throws IllegalArgumentException if the delay is negative
    public FirstResponse<T> staggeredBy(Duration delay) {
        if (delay.isNegative()) {
            throw new IllegalArgumentException("stagger " + delay + "; expected zero or more");
        }
        return new FirstResponse<>(competitors, delay, limit, threads);
    }

    /// Sets a deadline over the whole race, counted from the call of [#get()].
    ///
    /// @param limit how long the race may take
    /// @return the race with this deadline
    /// @throws IllegalArgumentException if the limit is zero or negative
    public FirstResponse<T> within(Duration limit) {
        if (!limit.isPositive()) {
            throw new IllegalArgumentException("deadline " + limit + "; expected more than zero");
        }
        return new FirstResponse<>(competitors, delay, limit, threads);
    }

    /// Runs the competitors in threads from this factory, each made a daemon first. The default,
    /// virtual threads, is for competitors that wait; for some that compute, give platform threads.
    ///
    /// @param threads gives a new, unstarted thread for each competitor
    ///     (`Thread.ofVirtual().factory()`, not `Thread::startVirtualThread`)
    /// @return the race with these threads
    public FirstResponse<T> threads(ThreadFactory threads) {
        Objects.requireNonNull(threads, "thread factory null; expected one");
        return new FirstResponse<>(competitors, delay, limit, threads);
    }

    /// Runs the race, and waits for the first success, the last failure, or the deadline.
    ///
    /// @return what the winner returned
    /// @throws AllFailedException if every competitor failed, unless one failed with an [Error]:
    ///     then that is thrown as it is, with the other failures suppressed in it
    /// @throws TimeoutException if the deadline came first, with the failures so far suppressed, an
    ///     [Error] too
    /// @throws InterruptedException if the calling thread is interrupted before or while it waits,
    ///     with the failures so far suppressed
    public T get() throws InterruptedException, AllFailedException, TimeoutException {
        return new Race().run();
    }

    /// One race. Only the caller's thread touches its fields that are not themselves thread-safe.
    private final class Race {

        private final BlockingQueue<Competitor> finished = new ArrayBlockingQueue<>(
                competitors.size());
        private final CompletableFuture<Competitor> verdict = new CompletableFuture<>();
        private final Competitor nobody = new Competitor(-1);
        private final List<Thread> started = new ArrayList<>();
        private final SortedMap<Integer, Throwable> failures = new TreeMap<>();
        // Compared by difference only, as nanoTime asks: "for ever" may overflow.
        private final long deadline = System.nanoTime() + NANOSECONDS.convert(limit);
        private long nextStart = System.nanoTime();
        private int next;

        T run() throws InterruptedException, AllFailedException, TimeoutException {
            Competitor winner = nobody;
            try {
                winner = firstSuccess();
                return winner.result;
            } catch (InterruptedException e) {
                failures.values().forEach(e::addSuppressed);
                throw e;
            } finally {
                end(winner);
            }
        }

        private void end(Competitor winner) {
            try {
                // The verdict comes last, so that no interrupt meets a loser that is closing.
                started.forEach(Thread::interrupt);
                verdict.complete(winner);
            } finally {
                // No effect, unless an interrupt has thrown: then get throws too, and nobody wins.
                verdict.complete(nobody);
            }
        }

        private Competitor firstSuccess()
                throws InterruptedException, AllFailedException, TimeoutException {
            while (failures.size() < competitors.size()) {
                Competitor first = finished.poll(nanosToNextEvent(), NANOSECONDS);
                if (first == null) {
                    startNextOrTimeOut();
                } else if (first.failure == null) {
                    return first;
                } else {
                    recordFailure(first.index, first.failure);
                }
            }
            throw allFailed();
        }

        private long nanosToNextEvent() {
            long now = System.nanoTime();
            return next < competitors.size()
                    ? Math.min(nextStart - now, deadline - now)
                    : deadline - now;
        }

        private void startNextOrTimeOut() throws TimeoutException {
            if (deadline - System.nanoTime() <= 0) {
                throw timedOut();
            }
            start(new Competitor(next++));
            nextStart = System.nanoTime() + NANOSECONDS.convert(delay);
        }

        private void start(Competitor competitor) {
            try {
                Thread thread = Objects.requireNonNull(threads.newThread(competitor),
                        "the thread factory returned null");
                thread.setDaemon(true);
                started.add(thread);
                thread.start();
            } catch (Throwable e) {
                competitor.failure = e;
                finished.add(competitor);
            }
        }

        private void recordFailure(int index, Throwable failure) {
            failures.put(index, failure);
            if (index == next - 1) {
                nextStart = System.nanoTime();
            }
        }

        private AllFailedException allFailed() {
            for (Throwable failure : failures.values()) {
                if (failure instanceof Error error) {
                    suppressTheOthersIn(error);
                    throw error;
                }
            }
            return new AllFailedException(failures.values());
        }

        @SuppressWarnings("ReferenceEquality") // An error that only equals this one is another.
        private void suppressTheOthersIn(Error error) {
            for (Throwable failure : failures.values()) {
                if (failure != error) {
                    error.addSuppressed(failure);
                }
            }
        }

        private TimeoutException timedOut() {
            TimeoutException timeout = new TimeoutException("no success within " + limit + ": "
                    + next + " of " + competitors.size() + " competitors started, "
                    + failures.size() + " failed");
            failures.values().forEach(timeout::addSuppressed);
            return timeout;
        }

        /// One thread's part. It writes its fields before it puts itself on the queue, the caller
        /// reads them after the take. Nothing is allocated in between, so that even an
        /// [OutOfMemoryError] arrives.
        private final class Competitor implements Runnable {

            private final int index;
            @SuppressWarnings("NullAway.Init") // Null until a success sets it.
            private T result;
            @SuppressWarnings("NullAway.Init") // Null until a failure sets it.
            private Throwable failure;

            Competitor(int index) {
                this.index = index;
            }

            @Override
            public void run() {
                try {
                    result = competitors.get(index).call();
                } catch (Throwable e) {
                    failure = e;
                }
                finished.add(this);
                if (result instanceof AutoCloseable closeable) {
                    closeUnlessWon(closeable);
                }
                if (failure instanceof Error error) {
                    throw error;
                }
            }

            private void closeUnlessWon(AutoCloseable closeable) {
                if (verdict.join() == this) {
                    return;
                }
                // The interrupt was meant for the call, which is over.
                Thread.interrupted();
                try {
                    closeable.close();
                } catch (Exception e) {
                    throw new IllegalStateException("a loser's result could not be closed", e);
                }
            }
        }
    }

    /// Every competitor has failed. The cause is the first competitor's failure, the others are
    /// suppressed.
    public static final class AllFailedException extends ExecutionException {

        private static final long serialVersionUID = 1;

        /// In the order of the competitors.
        private final Throwable[] failures;

        AllFailedException(Collection<Throwable> inOrder) {
            super("all " + inOrder.size() + " competitors failed", inOrder.iterator().next());
            failures = inOrder.toArray(Throwable[]::new);
            inOrder.stream().skip(1).forEach(this::addSuppressed);
        }

        /// Returns every failure.
        ///
        /// @return what each competitor threw, in the order of the competitors
        public List<Throwable> failures() {
            return List.of(failures);
        }
    }
}

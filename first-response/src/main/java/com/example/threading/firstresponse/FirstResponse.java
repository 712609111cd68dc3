package com.example.threading.firstresponse;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future.State;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/// Several ways to get the same answer: the first that *succeeds* wins, the rest are interrupted.
///
/// ```java
/// String body = FirstResponse.of(() -> fetch(primary), () -> fetch(mirror)).get();
/// String hedged = FirstResponse.of(mirrors).staggeredBy(ofMillis(50)).within(ofSeconds(2)).get();
/// ```
///
/// Each competitor runs in a daemon thread of its own and adds itself to a queue when it has
/// finished. The caller takes from the queue until it has a success.
///
/// - **Winning.** A failure never wins, however fast. A `null` result is a success.
/// - **Losers.** When the race is over, won or not, every competitor that still runs is
///   interrupted. The caller does not wait for it. A competitor that ignores the interrupt keeps
///   running and keeps the race's results reachable, but does not keep the JVM alive.
/// - **Late results.** A loser may still succeed. Then its result is closed, once, if it is
///   [AutoCloseable]; [#closing(Function)] names what is closed instead. Closing happens in the
///   loser's own thread, after the race. So competitors must not share a resource. Nor may they
///   share what an interrupt breaks: it closes a `FileChannel` for everybody.
/// - **Failures.** An exception counts as its competitor's failure, and so does whatever keeps its
///   thread from starting. If all fail, every failure is reported. If somebody wins, [#winner()]
///   tells who had failed before. An exception after the end of the race is dropped.
/// - **Errors.** An [Error] counts as a failure too. If all fail, the error of the first competitor
///   that has one is thrown, unchanged, in place of the report. Each error is *also* rethrown in
///   its competitor's thread, if that could be started, and so is what a loser's `close` throws:
///   the [Thread.UncaughtExceptionHandler] gets it. The default handler prints it.
///
/// An instance only describes a race. It is immutable, so [#get()] can be called any number of
/// times, from any number of threads, and every call is a race of its own. Needs Java 21, and
/// nothing but the JDK.
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
    private final Function<? super T, ?> resource;

    private FirstResponse(List<Callable<? extends T>> competitors, Duration delay, Duration limit,
            ThreadFactory threads, Function<? super T, ?> resource) {
        this.competitors = competitors;
        this.delay = delay;
        this.limit = limit;
        this.threads = threads;
        this.resource = resource;
    }

    /// Describes a race of these competitors: all at once, without a deadline, each in a virtual
    /// thread.
    ///
    /// @param <T> what the competitors return
    /// @param competitors at least one, none of them null; they are numbered in this order, from 0
    /// @return the race, not yet run
    /// @throws IllegalArgumentException if there is no competitor, or one is null
    @SafeVarargs
    @SuppressWarnings("varargs") // The array is copied, and never written to.
    public static <T> FirstResponse<T> of(Callable<? extends T>... competitors) {
        return of(Arrays.asList(competitors));
    }

    /// Describes a race of these competitors, as [#of(Callable...)] does.
    ///
    /// @param <T> what the competitors return
    /// @param competitors at least one, none of them null; they are numbered in this order, from 0
    /// @return the race, not yet run
    /// @throws IllegalArgumentException if there is no competitor, or one is null
    public static <T> FirstResponse<T> of(Collection<? extends Callable<? extends T>> competitors) {
        List<Callable<? extends T>> copy = new ArrayList<>(competitors);
        if (copy.isEmpty() || copy.contains(null)) {
            throw new IllegalArgumentException(
                    "competitors " + copy + "; expected at least one, and none of them null");
        }
        return new FirstResponse<>(copy, Duration.ZERO, FOREVER, VIRTUAL_THREADS,
                Function.identity());
    }

    /// Starts the competitors one after the other: the next one after this delay, or at once when
    /// any of those before it fails. Those that are not needed never start.
    ///
    /// @param delay from one start to the next; zero starts all at once
    /// @return the race with this stagger
    /// @throws IllegalArgumentException if the delay is negative
    public FirstResponse<T> staggeredBy(Duration delay) {
        Objects.requireNonNull(delay, "delay null; expected zero or more");
        if (delay.isNegative()) {
            throw new IllegalArgumentException("delay " + delay + "; expected zero or more");
        }
        return new FirstResponse<>(competitors, delay, limit, threads, resource);
    }

    /// Sets a deadline for the whole race, counted from the call of [#get()].
    ///
    /// @param limit how long the race may take
    /// @return the race with this deadline
    /// @throws IllegalArgumentException if the limit is zero or negative
    public FirstResponse<T> within(Duration limit) {
        Objects.requireNonNull(limit, "limit null; expected more than zero");
        if (!limit.isPositive()) {
            throw new IllegalArgumentException("limit " + limit + "; expected more than zero");
        }
        return new FirstResponse<>(competitors, delay, limit, threads, resource);
    }

    /// Names the resource of a loser's result that is closed instead of the result itself. Needed
    /// where the result holds a resource, but is not [AutoCloseable]:
    ///
    /// ```java
    /// FirstResponse.of(requests).closing(HttpResponse::body).get();   // an InputStream is closed
    /// FirstResponse.of(leases).closing(lease -> lease::release).get();
    /// ```
    ///
    /// Only what a competitor returns can be closed. `HttpClient.send` loses a response that arrives
    /// together with the interrupt; the future of `sendAsync` still has it.
    ///
    /// @param resource gives what is to be closed of a result, or null, without side effects;
    ///     called in the competitor's thread with each result that is not null, the winner's too;
    ///     what it throws goes to the thread's uncaught-exception handler
    /// @return the race with this way to close
    public FirstResponse<T> closing(Function<? super T, ? extends AutoCloseable> resource) {
        Objects.requireNonNull(resource, "resource null; expected a function");
        return new FirstResponse<>(competitors, delay, limit, threads, resource);
    }

    /// Runs the competitors in threads from this factory, each made a daemon first. Virtual
    /// threads, the default, suit competitors that wait. For CPU-bound ones pass platform threads.
    /// The caller's scoped values do not reach these threads. Of its thread-locals, only
    /// inheritable ones do.
    ///
    /// An executor is not a thread factory, even if it implements the interface, as Spring's
    /// `ThreadPoolTaskExecutor` does: the threads that it gives are not those of its pool, and
    /// neither its bound nor its decorator applies to them. And a thread must run what the factory
    /// was given, itself: the race waits for a competitor that never runs, for ever if it has no
    /// deadline.
    ///
    /// @param threads gives a new, unstarted thread for each competitor
    ///     (`Thread.ofVirtual().factory()`, not `Thread::startVirtualThread`); what it throws, or
    ///     that it gives something else, counts as the competitor's failure
    /// @return the race with these threads
    public FirstResponse<T> threads(ThreadFactory threads) {
        Objects.requireNonNull(threads, "threads null; expected a factory");
        return new FirstResponse<>(competitors, delay, limit, threads, resource);
    }

    /// Runs the race, and waits for the first success, the last failure, or the deadline.
    ///
    /// @return what the winner returned
    /// @throws AllFailedException if every competitor failed with an exception
    /// @throws Error if every competitor failed and at least one of them with an error: the first
    ///     competitor's, unchanged
    /// @throws TimeoutException if the deadline came first; its message tells which competitors had
    ///     failed, and their failures are suppressed in it, in the same order
    /// @throws InterruptedException if the calling thread is interrupted before or while it waits,
    ///     with the same message and the same suppressed failures
    public T get() throws InterruptedException, AllFailedException, TimeoutException {
        return winner().result();
    }

    /// Runs the race as [#get()] does, and tells who won.
    ///
    /// @return the winner's result, its number and its time
    /// @throws AllFailedException as [#get()]
    /// @throws TimeoutException as [#get()]
    /// @throws InterruptedException as [#get()]
    public Winner<T> winner() throws InterruptedException, AllFailedException, TimeoutException {
        return new Race().run();
    }

    /// One race. Only the calling thread moves it on, through three states:
    ///
    ///     RUNNING -> DECIDED   firstSuccess returns the winner, or throws
    ///     DECIDED -> OVER      every competitor has been interrupted, then the verdict is given
    ///
    /// Why the first success wins: competitors add themselves to the queue as they finish. The
    /// calling thread takes them off in this order, and stops at the first success.
    ///
    /// Why nothing leaks: however the race is decided, a verdict is given. A competitor with
    /// something to close waits for it, and closes unless it is the winner.
    ///
    /// All fields belong to the calling thread. Competitors use only `finished` and `verdict`,
    /// which are thread-safe.
    private final class Race {

        private final BlockingQueue<Competitor> finished = new ArrayBlockingQueue<>(
                competitors.size());
        // The winner, or null if nobody has won.
        private final CompletableFuture<Competitor> verdict = new CompletableFuture<>();
        private final List<Thread> started = new ArrayList<>();
        private final SortedMap<Integer, Throwable> failures = new TreeMap<>();
        // Compared by difference, as nanoTime demands: a deadline "for ever" may overflow.
        private final long began = System.nanoTime();
        private final long deadline = began + NANOSECONDS.convert(limit);
        private long nextStart = began;
        private int next;

        Winner<T> run() throws InterruptedException, AllFailedException, TimeoutException {
            Competitor winner = null;
            try {
                winner = firstSuccess();
                return new Winner<>(winner.resultNow(), winner.number,
                        Duration.ofNanos(System.nanoTime() - began),
                        Collections.unmodifiableMap(failures));
            } catch (InterruptedException e) {
                throw withFailures(InterruptedException::new, "interrupted");
            } finally {
                try {
                    started.forEach(Thread::interrupt);
                } finally {
                    // The order matters. After the verdict a loser closes its result, and an
                    // interrupt could disturb that. So all interrupts come before it.
                    verdict.complete(winner);
                }
            }
        }

        private Competitor firstSuccess()
                throws InterruptedException, AllFailedException, TimeoutException {
            while (failures.size() < competitors.size()) {
                Competitor first = finished.poll(nanosToNextEvent(), NANOSECONDS);
                if (first != null && first.state() == State.SUCCESS) {
                    return first;
                } else if (first != null) {
                    failures.put(first.number, first.exceptionNow());
                }
                // Somebody has failed, or the delay has passed, or the deadline.
                startNextOrTimeOut();
            }
            throw allFailed();
        }

        private long nanosToNextEvent() {
            long now = System.nanoTime();
            long left = deadline - now;
            return next < competitors.size() ? Math.min(nextStart - now, left) : left;
        }

        private void startNextOrTimeOut() throws TimeoutException {
            if (deadline - System.nanoTime() <= 0) {
                throw withFailures(TimeoutException::new, "no success within " + limit);
            }
            if (next < competitors.size()) {
                new Competitor(next++).start();
                nextStart = System.nanoTime() + NANOSECONDS.convert(delay);
            }
        }

        private AllFailedException allFailed() {
            for (Throwable failure : failures.values()) {
                if (failure instanceof Error error) {
                    // Unchanged: it is the user's object, and may be thrown in many races.
                    throw error;
                }
            }
            return new AllFailedException(failures.values());
        }

        private <X extends Exception> X withFailures(Function<String, X> create, String reason) {
            X exception = create.apply(reason + ": " + next + " of " + competitors.size()
                    + " competitors started, failed: " + failures.keySet());
            failures.values().forEach(exception::addSuppressed);
            return exception;
        }

        /// One competitor. As a [FutureTask] it finishes once: with what its call returned or
        /// threw, or with what kept its thread from starting. Then it adds itself to the queue.
        /// That allocates nothing, so even an [OutOfMemoryError] is reported.
        private final class Competitor extends FutureTask<T> {

            private final int number;
            // Empty until the race starts it. A misused factory may call run in any thread before.
            private final AtomicReference<Thread> thread = new AtomicReference<>();

            Competitor(int number) {
                super(competitors.get(number)::call);
                this.number = number;
            }

            void start() {
                try {
                    Thread unstarted = threads.newThread(this);
                    if (unstarted == null || unstarted.getState() != Thread.State.NEW) {
                        throw misusedFactory();
                    }
                    unstarted.setDaemon(true);
                    thread.set(unstarted);
                    started.add(unstarted);
                    unstarted.start();
                } catch (Throwable e) {
                    setException(e);
                }
            }

            @Override
            public void run() {
                if (Thread.currentThread() != thread.get()) {
                    throw misusedFactory();
                }
                super.run();
                if (state() == State.SUCCESS) {
                    closeUnlessWon(resultNow());
                } else if (exceptionNow() instanceof Error error) {
                    throw error;
                }
            }

            @Override
            protected void done() {
                finished.add(this);
            }

            private void closeUnlessWon(T result) {
                if (result != null && resource.apply(result) instanceof AutoCloseable late
                        && verdict.join() != this) {
                    // The interrupt was meant for the call, which has ended.
                    Thread.interrupted();
                    try {
                        late.close();
                    } catch (Exception e) {
                        throw new IllegalStateException("a loser's result could not be closed", e);
                    }
                }
            }

            private IllegalStateException misusedFactory() {
                return new IllegalStateException("thread factory " + threads
                        + "; expected a new, unstarted thread for each competitor");
            }
        }
    }

    /// Who won a race, and how.
    ///
    /// @param <T> what the competitors return
    /// @param result what the winner returned
    /// @param number the winner's place in the order of the competitors, from 0
    /// @param elapsed from the call of [#winner()] until it had the winner's result
    /// @param failures what the competitors that had failed by then threw, by their number
    public record Winner<T>(T result, int number, Duration elapsed,
            Map<Integer, Throwable> failures) {}

    /// Every competitor has failed. The cause is the first competitor's failure. The others are
    /// suppressed, in the order of the competitors.
    public static final class AllFailedException extends ExecutionException {

        private static final long serialVersionUID = 1;

        private final Throwable[] failures;

        AllFailedException(Collection<Throwable> inOrder) {
            super("all " + inOrder.size() + " competitors failed", inOrder.iterator().next());
            failures = inOrder.toArray(Throwable[]::new);
            inOrder.stream().skip(1).forEach(this::addSuppressed);
        }

        /// Returns every failure.
        ///
        /// @return what each competitor threw: that of competitor 0 first
        public List<Throwable> failures() {
            return List.of(failures);
        }
    }
}

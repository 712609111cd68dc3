package com.example.threading.cluster;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;
import static java.util.Objects.requireNonNull;

import com.example.threading.poolmap.InterruptibleFunction;
import com.google.common.base.Throwables;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceAware;
import com.hazelcast.core.HazelcastInstanceNotActiveException;
import com.hazelcast.core.IExecutorService;
import com.hazelcast.nio.serialization.HazelcastSerializationException;
import com.hazelcast.spi.exception.RetryableException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.commons.lang3.SerializationException;
import org.apache.commons.lang3.SerializationUtils;
import org.apache.commons.lang3.StringUtils;
import org.jspecify.annotations.Nullable;

/// Other JVMs, here or on other machines, that apply the function of a pool:
///
/// ```java
/// try (var cluster = Cluster.join(List.of("10.0.0.5:5701"));
///         var pool = ThreadPool.ofVirtualThreads(cluster.threads())) {
///     List<String> bodies = pool.map(cluster.remotely(Fetch::body), urls);
/// }
/// ```
///
/// The pool keeps what it promises: the order, the bound, lazy input, the first failure, the
/// interrupt. A worker of the pool waits here while the function runs elsewhere. What the cluster
/// adds:
///
/// - **As many items at a time as a member has threads.** The next item goes to the member that has
///   the most threads free.
/// - **An interrupt travels.** What interrupts a worker here interrupts the thread that works for
///   it there. That thread is *not* waited for.
/// - **At least once.** If a member leaves, its items go to others. So an item may be applied more
///   than once: it must be safe to repeat.
/// - **A failure is a copy.** It has the type, the message and the fields of what was thrown there,
///   if it can be serialized.
///
/// A member runs whatever code reaches its port: see [Member] before you let one listen on a
/// network.
///
/// A cluster may be used by several threads and several pools at once.
public final class Cluster implements AutoCloseable {

    /// After so many losses an item is given up: it may be what makes its members end.
    private static final int MOST_LOSSES = 3;
    private static final int MOST_MEMBERS = 100;

    /// In a thread of a member: where it is.
    private static final ThreadLocal<String> ADDRESS = new ThreadLocal<>();

    private final List<HazelcastInstance> embedded;
    private final HazelcastInstance driver;
    private final IExecutorService executor;
    private final Slots slots;

    /// A function that can be sent to another JVM: a method reference, or a lambda that captures
    /// only what is serializable. The class that contains it must be on the members' class path.
    ///
    /// @param <T> its parameter, which is sent with it
    /// @param <R> its result, which is sent back
    /// @param <E> what it throws
    @FunctionalInterface
    public interface RemoteFunction<T, R, E extends Exception>
            extends
                InterruptibleFunction<T, R, E>,
                Serializable {}

    /// Starts members in this JVM, to try out and to test what will run on several machines. They
    /// listen on loopback only.
    ///
    /// @param members how many, from 1 to 100
    /// @param threads how many items each of them runs at a time, from 1 to 1000
    /// @return the cluster of these members; closing it ends them
    /// @throws IllegalArgumentException if a number is out of its range
    public static Cluster embedded(int members, int threads) {
        checkArgument(1 <= members && members <= MOST_MEMBERS,
                "members must be from 1 to %s, not %s", MOST_MEMBERS, members);
        Member.checkThreads(threads);
        var embedded = new ArrayList<HazelcastInstance>();
        try {
            embedded.add(Member.found(threads));
            String first = Member.address(embedded.getFirst());
            for (int i = 1; i < members; i++) {
                embedded.add(Member.join(first, threads));
            }
            return new Cluster(embedded, Member.drive(List.of(first)));
        } catch (Throwable t) {
            embedded.forEach(member -> member.getLifecycleService().terminate());
            throw t;
        }
    }

    /// Joins a cluster whose members already run, each started as [Member] says. This JVM runs none
    /// of the items.
    ///
    /// @param addresses of one member or more, each as `host:port`; one that answers is enough
    /// @return the cluster; closing it leaves it, and the members run on
    /// @throws IllegalArgumentException if there is no address, if one is malformed, or if the host
    ///   of the first is unknown or no network leads to it
    /// @throws IllegalStateException if no member answers
    public static Cluster join(List<String> addresses) {
        return new Cluster(List.of(), Member.drive(addresses));
    }

    Cluster(List<HazelcastInstance> embedded, HazelcastInstance driver) {
        this.embedded = embedded;
        this.driver = driver;
        this.executor = driver.getExecutorService(Member.EXECUTOR);
        this.slots = new Slots(driver.getCluster());
        driver.getCluster().addMembershipListener(slots);
    }

    /// Turns `function` into one that is applied on a member, for any method of a pool that takes a
    /// function of one parameter.
    ///
    /// When the function is applied, it waits for a free thread of a member, sends the item, and
    /// waits for the result. In addition to what `function` throws, it throws:
    ///
    /// - an [IllegalArgumentException] if the item cannot be serialized;
    /// - a [HazelcastSerializationException] if the result or the failure cannot be serialized, or
    ///   if a member does not know a class;
    /// - an [IllegalStateException] if no member is left, if three members left one after the other
    ///   while they had the item, or if this cluster is closed.
    ///
    /// @param function what the members apply
    /// @param <T> an item
    /// @param <R> a result
    /// @param <E> what `function` throws
    /// @return a function that applies it on a member
    /// @throws IllegalArgumentException if `function` cannot be serialized; the message says what
    ///   it holds that cannot
    public <T, R, E extends Exception> InterruptibleFunction<T, R, E> remotely(
            RemoteFunction<? super T, ? extends R, E> function) {
        requireNonNull(function, "function");
        try {
            SerializationUtils.serialize(function);
        } catch (SerializationException e) {
            throw new IllegalArgumentException("a function of " + function.getClass().getName()
                    + " cannot be sent: " + Throwables.getRootCause(e), e);
        }
        return item -> apply(function, item);
    }

    /// {@return how many items all members together run at a time, which is how many workers a pool
    /// should have}
    public int threads() {
        return slots.total();
    }

    /// Leaves the cluster, and ends the members that were embedded. Close the pool first: what
    /// still waits for a result fails with an [IllegalStateException].
    @Override
    public void close() {
        slots.close();
        driver.getLifecycleService().terminate();
        embedded.forEach(member -> member.getLifecycleService().terminate());
    }

    /// {@return the address of the member that applies the function which calls this, as
    /// `host:port`}
    ///
    /// @throws IllegalStateException if the caller is not such a function
    public static String member() {
        String address = ADDRESS.get();
        checkState(address != null, "called from a function that runs on no member");
        return address;
    }

    // The way of one item

    @SuppressWarnings("unchecked") // what the function threw is an E, or needs no declaration
    private <T, R, E extends Exception> R apply(
            RemoteFunction<? super T, ? extends R, E> function, T item)
            throws E, InterruptedException {
        for (int losses = 1;; losses++) {
            var member = slots.take();
            try {
                return await(send(new Task<T, R>(function, item), member), member);
            } catch (ExecutionException e) {
                Throwable failure = e.getCause() == null ? e : e.getCause();
                slots.requireOpen(failure);
                if (!tellsOfALoss(failure)) {
                    Throwables.throwIfInstanceOf(failure, Error.class);
                    throw (E) failure;
                }
                if (losses == MOST_LOSSES) {
                    throw new IllegalStateException(
                            losses + " members left while they had the item "
                                    + StringUtils.abbreviate(String.valueOf(item), 100),
                            failure);
                }
            } finally {
                // Also when the item could not be sent. The slot of a member that has left is void.
                slots.giveBack(member);
            }
        }
    }

    private <R> Future<R> send(Task<?, R> task, com.hazelcast.cluster.Member member) {
        try {
            return executor.submitToMember(task, member);
        } catch (HazelcastSerializationException e) {
            throw new IllegalArgumentException("cannot be sent: "
                    + StringUtils.abbreviate(String.valueOf(task.item), 100), e);
        }
    }

    /// Waits for the result. If interrupted, tells the member to interrupt its thread.
    private <R> R await(Future<R> result, com.hazelcast.cluster.Member member)
            throws ExecutionException, InterruptedException {
        // Hazelcast's own get would sleep through an interrupt (its issues 12452 and 12585); a
        // latch does not. Hazelcast's Future is a CompletableFuture, but does not promise it.
        var ended = new CountDownLatch(1);
        var _ = CompletableFuture.allOf((CompletableFuture<R>) result)
                .whenComplete((nothing, failure) -> ended.countDown());
        try {
            // Hazelcast tells nobody of a result that cannot be deserialized here, but knows that
            // it has come. So it is asked once a second.
            while (!ended.await(1, TimeUnit.SECONDS)) {
                if (result.isDone()) {
                    break;
                }
            }
        } catch (InterruptedException e) {
            cancel(result, member, e);
            throw e;
        }
        return result.get();
    }

    /// Returns when the member has interrupted its thread. What runs there may go on for a while.
    private void cancel(Future<?> result, com.hazelcast.cluster.Member member,
            InterruptedException interrupt) {
        // To a member that has left, the cancel would be sent again and again, for twelve seconds.
        if (slots.has(member)) {
            try {
                result.cancel(true);
            } catch (RuntimeException e) {
                // The member left meanwhile: nothing is left to interrupt.
                interrupt.addSuppressed(e);
            }
        }
    }

    /// Whether the member failed, and not the function: it has left, or it answers that it is about
    /// to leave.
    private static boolean tellsOfALoss(Throwable failure) {
        return failure instanceof RetryableException
                || failure instanceof HazelcastInstanceNotActiveException;
    }

    /// What travels to the member.
    private static final class Task<T, R>
            implements
                Callable<R>,
                HazelcastInstanceAware,
                Serializable {
        private static final long serialVersionUID = 1;

        private final RemoteFunction<? super T, ? extends R, ?> function;
        @SuppressWarnings("serial") // whether an item is serializable shows when it is sent
        private final T item;
        private transient @Nullable HazelcastInstance here;

        Task(RemoteFunction<? super T, ? extends R, ?> function, T item) {
            this.function = function;
            this.item = item;
        }

        @Override
        public void setHazelcastInstance(HazelcastInstance here) {
            this.here = here;
        }

        @Override
        public R call() throws Exception {
            ADDRESS.set(Member.address(requireNonNull(here)));
            try {
                return function.apply(item);
            } finally {
                ADDRESS.remove();
            }
        }

        /// Hazelcast asks for it with every task, and an item's own may be long.
        @Override
        public String toString() {
            return "task of " + function.getClass().getName();
        }
    }
}

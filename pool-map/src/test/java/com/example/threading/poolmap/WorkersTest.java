package com.example.threading.poolmap;

import static com.example.threading.poolmap.Tasks.awaitUnchecked;
import static com.example.threading.poolmap.Zip.repeat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.example.threading.common.Caller;
import com.example.threading.common.NoLeaks;
import com.google.common.collect.Iterables;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The threads of a pool: what they are, when they are made, and what happens when one cannot be made.
@ExtendWith(NoLeaks.class)
class WorkersTest {

    @Test
    void platformWorkersAreDaemonsNamedAfterTheirPool() throws Exception {
        try (var pool = new ThreadPool(2); var other = new ThreadPool(1)) {
            List<Thread> workers = workersOf(pool, 2);

            assertThat(workers).extracting(Thread::isDaemon).containsExactly(true, true);
            assertThat(workers).extracting(Thread::isVirtual).containsExactly(false, false);
            String poolName = workers.getFirst().getName().replaceFirst("-worker-.*", "");
            assertThat(poolName).matches("ThreadPool-[0-9]+");
            assertThat(workers).extracting(Thread::getName)
                    .containsExactlyInAnyOrder(poolName + "-worker-1", poolName + "-worker-2");
            assertThat(workersOf(other, 1).getFirst().getName()).doesNotStartWith(poolName + "-");
        }
    }

    @Test
    void virtualWorkersAreNamedAfterTheirPool() throws Exception {
        try (var pool = ThreadPool.ofVirtualThreads(2)) {
            assertThat(workersOf(pool, 2)).allSatisfy(worker -> {
                assertThat(worker.isVirtual()).isTrue();
                assertThat(worker.getName()).matches("ThreadPool-[0-9]+-worker-[12]");
            });
        }
    }

    @Test
    void aFactoryMakesTheWorkers() throws Exception {
        try (var pool = new ThreadPool(2, Thread.ofPlatform().name("mine-", 7).factory())) {
            assertThat(workersOf(pool, 2)).extracting(Thread::getName)
                    .containsExactlyInAnyOrder("mine-7", "mine-8");
        }
    }

    /// The pool may outlive its first caller, and serves others than that one.
    @ParameterizedTest
    @EnumSource(names = {"PLATFORM", "VIRTUAL"})
    void workersInheritNoThreadLocalOfTheirFirstCaller(Pools pools) throws Exception {
        var tenant = new InheritableThreadLocal<String>();
        try (var pool = pools.of(2)) {
            tenant.set("first");

            assertThat(pool.map(_ -> Optional.ofNullable(tenant.get()), List.of(1, 2)))
                    .containsOnly(Optional.empty());
        } finally {
            tenant.remove();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"PLATFORM", "VIRTUAL"})
    void workersDoNotKeepTheContextClassLoaderOfTheirFirstCaller(Pools pools) throws Exception {
        Thread caller = Thread.currentThread();
        ClassLoader before = caller.getContextClassLoader();
        try (var pool = pools.of(2);
                var loader = new URLClassLoader(new URL[0], before)) {
            caller.setContextClassLoader(loader);

            assertThat(pool.map(_ -> Thread.currentThread().getContextClassLoader(),
                    List.of(1, 2))).containsOnly(ClassLoader.getSystemClassLoader());
        } finally {
            caller.setContextClassLoader(before);
        }
    }

    @Test
    void noMoreThreadsAreMadeThanThereAreItems() throws Exception {
        var made = new AtomicInteger();
        ThreadFactory factory = work -> {
            made.incrementAndGet();
            return new Thread(work);
        };
        try (var pool = new ThreadPool(4, factory)) {
            assertThat(pool.map(item -> item, List.of())).isEmpty();
            assertThat(made).hasValue(0);
            assertThat(pool.map(item -> item, List.of(1, 2))).hasSize(2);
            assertThat(made).hasValue(2);
        }
    }

    private static List<Thread> workersOf(ThreadPool pool, int workers) throws Exception {
        var all = new CyclicBarrier(workers);
        return pool.map(_ -> {
            all.await();
            return Thread.currentThread();
        }, Iterables.limit(repeat(0), workers));
    }

    /// A factory may use its threads for something else afterwards.
    @Test
    void aThreadThatHasLeftThePoolIsNoWorkerOfIt() throws Exception {
        var owner = new CompletableFuture<ThreadPool>();
        var afterwards = new CompletableFuture<Throwable>();
        try (var pool = new ThreadPool(1, work -> new Thread(() -> {
            work.run();
            afterwards.complete(catchThrowable(() -> owner.join().map(i -> i, List.of(1))));
        }))) {
            owner.complete(pool);
            pool.map(item -> item, List.of(1));
        }

        assertThat(afterwards.join()).isInstanceOf(IllegalStateException.class)
                .hasMessage("the pool is closed");
    }

    // Threads that cannot be made, or are interrupted at a delicate moment

    @Test
    void whatKeepsAnAsynchronousCallFromStartingIsThrownAtOnce() {
        var refused = new OutOfMemoryError("unable to create native thread");
        try (var pool = new ThreadPool(1, _ -> {
            throw refused;
        })) {
            assertThatThrownBy(() -> pool.mapAsync(item -> item, List.of(1))).isSameAs(refused);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFactoryThatMakesNoThreadFailsTheCallAndNotThePool(Member member) throws Exception {
        var works = new AtomicInteger();
        try (var pool = new ThreadPool(2, nullOnceThenThreads(works))) {
            assertThatNullPointerException()
                    .isThrownBy(() -> member.call(pool, item -> item, List.of(1, 2, 3)))
                    .withMessage("the thread factory returned null");
            assertThat(member.call(pool, item -> item, List.of(1, 2, 3))).hasSize(3);
        }
    }

    @NullUnmarked // a factory may do this
    private static ThreadFactory nullOnceThenThreads(AtomicInteger calls) {
        return work -> calls.getAndIncrement() == 0 ? null : new Thread(work);
    }

    /// The executor counts a worker before it is made, and queues the tasks of others for it.
    @ParameterizedTest
    @EnumSource(names = {"PLATFORM", "VIRTUAL"})
    void whoWaitsForAWorkerThatCannotBeMadeGetsAnother(Pools pools) throws Exception {
        var refused = new OutOfMemoryError("unable to create native thread");
        var made = new AtomicInteger();
        var factory = new HeldFactory(work -> {
            if (made.incrementAndGet() == 1) {
                throw refused;
            }
            return pools.thread(work);
        });
        try (var pool = new ThreadPool(1, factory); factory) {
            var first = factory.onceMaking(() -> pool.map(item -> item, List.of(1)));
            var second = Caller.of(() -> pool.map(item -> item, List.of(2)));
            second.awaitWaiting();

            factory.release();

            assertThat(first.failure()).isSameAs(refused);
            assertThat(second.result()).containsExactly(2);
        }
    }

    @Test
    void whoWaitsForAWorkerFailsIfNoneCanBeMade() throws Exception {
        var refused = new OutOfMemoryError("unable to create native thread");
        var factory = new HeldFactory(_ -> {
            throw refused;
        });
        try (var pool = new ThreadPool(1, factory); factory) {
            var first = factory.onceMaking(() -> pool.map(item -> item, List.of(1)));
            var second = Caller.of(() -> pool.map(item -> item, List.of(2)));
            second.awaitWaiting();

            factory.release();

            assertThat(first.failure()).isSameAs(refused);
            assertThat(second.failure()).isSameAs(refused);
        }
    }

    /// The worker is refused, since the pool was closed while it was made.
    @Test
    void whatWasAcceptedWhileAWorkerWasMadeIsFinishedByTheClose() throws Exception {
        try (var factory = new HeldFactory(Thread::new)) {
            var pool = new ThreadPool(1, factory);
            var first = factory.onceMaking(() -> pool.map(item -> item, List.of(1)));
            var second = Caller.of(() -> pool.map(item -> item, List.of(2)));
            second.awaitWaiting();
            var closing = Caller.of(() -> {
                pool.close();
                return true;
            });
            closing.awaitWaiting();

            factory.release();

            assertThat(first.failure()).isInstanceOf(IllegalStateException.class)
                    .hasMessage("the pool is closed");
            assertThat(second.result()).containsExactly(2);
            assertThat(closing.result()).isTrue();
        }
    }

    /// A factory that has begun to make a thread, and goes on when it is released. Closing it
    /// releases it, so that a test that fails does not hang.
    private record HeldFactory(ThreadFactory factory, CountDownLatch making, CountDownLatch gate)
            implements
                ThreadFactory,
                AutoCloseable {

        HeldFactory(ThreadFactory factory) {
            this(factory, new CountDownLatch(1), new CountDownLatch(1));
        }

        @Override
        public Thread newThread(Runnable work) {
            making.countDown();
            awaitUnchecked(gate);
            return factory.newThread(work);
        }

        <V> Caller<V> onceMaking(Callable<V> call) throws InterruptedException {
            var caller = Caller.<V>of(call);
            making.await();
            return caller;
        }

        void release() {
            gate.countDown();
        }

        @Override
        public void close() {
            release();
        }
    }

    /// It is the failure of a function, and not what kept the call from starting.
    @Test
    void aFailureWhileAnAsynchronousCallStartsIsToldByItsFuture() throws Exception {
        var thrown = new IOException();
        var workers = new ArrayList<Thread>();
        try (var pool = new ThreadPool(2, work -> {
            if (workers.size() == 1) {
                // Until it has failed, and waits for more work.
                Caller.awaitWaiting(workers.getFirst());
                throw new OutOfMemoryError("unable to create native thread");
            }
            workers.add(new Thread(work));
            return workers.getLast();
        })) {
            var future = pool.mapAsync(_ -> {
                throw thrown;
            }, List.of(1, 2));

            assertThat(future.handle((_, failure) -> failure).join()).isSameAs(thrown);
        }
    }

    /// As when the system has no thread left to give: the second one cannot be made.
    @ParameterizedTest
    @EnumSource
    void aThreadThatCannotBeMadeStopsTheWorkThatHadStarted(Member member) throws Exception {
        var refused = new OutOfMemoryError("unable to create native thread");
        var made = new AtomicInteger();
        var running = new AtomicInteger();
        var firstRuns = new CountDownLatch(1);
        ThreadFactory factory = work -> {
            if (made.incrementAndGet() == 2) {
                // The error has to stop something.
                awaitUnchecked(firstRuns);
                throw refused;
            }
            return Thread.ofPlatform().daemon().unstarted(work);
        };
        try (var pool = new ThreadPool(2, factory)) {
            assertThatThrownBy(() -> member.call(pool, _ -> {
                running.incrementAndGet();
                firstRuns.countDown();
                try {
                    new CountDownLatch(1).await();
                    return 0;
                } finally {
                    running.decrementAndGet();
                }
            }, List.of(1, 2, 3, 4))).isSameAs(refused);

            assertThat(running).hasValue(0);
            assertThat(pool.map(item -> item, List.of(1))).containsExactly(1);
        }
    }

    /// The reader of the stream must not wait for it.
    @Test
    void aTaskThatIsTakenWhileItsCallIsStoppedDoesNotStart() throws Exception {
        var thirdRuns = new CountDownLatch(1);
        var headMayStart = new CountDownLatch(1);
        var headStarts = new CountDownLatch(1);
        var workers = new ArrayList<Thread>();
        ThreadFactory factory = work -> {
            workers.add(switch (workers.size()) {
                case 0 -> new Thread(() -> {
                    awaitUnchecked(headMayStart);
                    headStarts.countDown();
                    work.run();
                });
                case 2 -> new Thread(work) {
                    // Called while the call is being stopped, and again when the pool is closed.
                    @Override
                    public void interrupt() {
                        super.interrupt();
                        if (headMayStart.getCount() == 1) {
                            headMayStart.countDown();
                            awaitUnchecked(headStarts);
                            // Until it waits for work, or for whoever interrupts here.
                            await().pollDelay(Duration.ZERO).until(
                                    () -> List.of(Thread.State.WAITING, Thread.State.BLOCKED)
                                            .contains(workers.getFirst().getState()));
                        }
                    }
                };
                default -> new Thread(work);
            });
            return workers.getLast();
        };
        try (var pool = new ThreadPool(3, factory)) {
            var started = new ConcurrentLinkedQueue<Integer>();
            assertThatThrownBy(() -> Member.IMAP.call(pool, item -> {
                started.add(item);
                if (item == 2) {
                    thirdRuns.await();
                    throw new IOException();
                }
                thirdRuns.countDown();
                new CountDownLatch(1).await();
                return item;
            }, List.of(1, 2, 3))).isInstanceOf(IOException.class);

            assertThat(started).containsExactlyInAnyOrder(2, 3);
        }
    }
}

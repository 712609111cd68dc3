package com.example.threading.poolmap;

import static com.example.threading.poolmap.ThreadPool.spread;
import static com.example.threading.poolmap.ThreadPoolTest.awaitCleared;
import static com.example.threading.poolmap.Zip.repeat;
import static com.example.threading.poolmap.Zip.zip;
import static com.example.threading.poolmap.Zip.zipStrict;
import static com.google.common.base.Preconditions.checkState;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.example.threading.poolmap.ThreadPool.InterruptibleBiFunction;
import com.example.threading.poolmap.ThreadPool.InterruptibleFunction;
import com.example.threading.poolmap.ThreadPool.InterruptibleTriFunction;
import com.google.common.collect.Iterables;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.commons.lang3.tuple.Pair;
import org.apache.commons.lang3.tuple.Triple;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What goes into a [ThreadPool]: its threads, its zipped inputs, and what it refuses.
class ThreadPoolSetupTest {

    // Threads

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

    /// The second thread is made between two submissions of one call.
    @ParameterizedTest
    @EnumSource
    void aCallThatIsStartingWhenItsPoolIsClosedIsRefusedAndLeavesNothingRunning(Member member)
            throws Exception {
        var made = new AtomicInteger();
        var closing = new CompletableFuture<Caller<Boolean>>();
        var owner = new CompletableFuture<ThreadPool>();
        ThreadFactory factory = work -> {
            if (made.incrementAndGet() == 2) {
                closing.complete(Caller.of(() -> {
                    owner.join().close();
                    return true;
                }));
                closing.join().awaitWaiting();
            }
            return new Thread(work);
        };
        var pool = new ThreadPool(2, factory);
        owner.complete(pool);

        assertThatIllegalStateException()
                .isThrownBy(() -> member.call(pool, _ -> new CompletableFuture<Integer>().get(),
                        List.of(1, 2, 3)))
                .withMessage("the pool is closed");
        assertThat(closing.join().result()).isTrue();
    }

    /// The second thread is made between two submissions of one call, and another call takes every
    /// worker meanwhile: what is submitted after that comes too late to be of use.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatACallLeavesOnTheQueueHoldsNoItems(boolean failing) throws Exception {
        var made = new AtomicInteger();
        var othersRun = new CountDownLatch(2);
        var gate = new CountDownLatch(1);
        var owner = new CompletableFuture<ThreadPool>();
        ThreadFactory factory = work -> {
            if (made.incrementAndGet() == 2) {
                Caller.of(() -> owner.join().map(_ -> {
                    othersRun.countDown();
                    gate.await();
                    return 0;
                }, List.of(1, 2, 3)));
                awaitUnchecked(othersRun);
            }
            return new Thread(work);
        };
        try (var pool = new ThreadPool(3, factory)) {
            owner.complete(pool);

            awaitCleared(mapObjects(pool, failing));

            assertThat(gate.getCount()).isEqualTo(1);
            gate.countDown();
        }
    }

    private static List<WeakReference<?>> mapObjects(ThreadPool pool, boolean failing)
            throws InterruptedException {
        List<Object> items = Stream.generate(Object::new).limit(3).toList();
        try {
            pool.map(item -> {
                checkState(!failing);
                return item;
            }, items);
        } catch (IllegalStateException _) {
            assertThat(failing).isTrue();
        }
        return items.stream().<WeakReference<?>>map(WeakReference::new).toList();
    }

    /// A worker that takes a task while the call is being stopped must not leave it undone: the
    /// reader of a stream may be waiting for it. Which of two tasks is stopped first is chance.
    @Test
    void aTaskThatStartsWhileItsCallIsStoppedIsDoneForItsReader() {
        for (int i = 0; i < 20; i++) {
            var thirdRuns = new CountDownLatch(1);
            var headMayStart = new CountDownLatch(1);
            var owner = new CompletableFuture<ThreadPool>();
            var made = new AtomicInteger();
            ThreadFactory factory = work -> switch (made.incrementAndGet()) {
                case 1 -> new Thread(() -> {
                    awaitUnchecked(headMayStart);
                    work.run();
                });
                case 3 -> new Thread(work) {
                    @Override
                    public void interrupt() {
                        super.interrupt();
                        // Not once more when the pool is closed.
                        if (headMayStart.getCount() == 1) {
                            headMayStart.countDown();
                            await().pollDelay(Duration.ZERO).until(
                                    () -> owner.join().executor.getCompletedTaskCount() > 0);
                        }
                    }
                };
                default -> new Thread(work);
            };
            try (var pool = new ThreadPool(3, factory)) {
                owner.complete(pool);
                assertThatThrownBy(() -> Member.IMAP.call(pool, item -> {
                    if (item == 2) {
                        thirdRuns.await();
                        throw new IOException();
                    }
                    thirdRuns.countDown();
                    new CountDownLatch(1).await();
                    return item;
                }, List.of(1, 2, 3))).isInstanceOf(IOException.class);
            }
        }
    }

    // Pairs and triples

    @Test
    void zipEndsWithTheShorterInput() {
        assertThat(zip(List.of(1, 2, 3), List.of("a", "b")))
                .containsExactly(Pair.of(1, "a"), Pair.of(2, "b"));
        assertThat(zip(List.of(1, 2), List.of("a", "b", "c")))
                .containsExactly(Pair.of(1, "a"), Pair.of(2, "b"));
        assertThat(zip(List.of(1, 2), repeat("a"), List.of(true)))
                .containsExactly(Triple.of(1, "a", true));
    }

    @Test
    void zipReadsItsInputsAnewForEachIteration() {
        Iterable<Pair<Integer, String>> pairs = zip(List.of(1, 2), repeat("a"));

        assertThat(Iterables.size(pairs)).isEqualTo(2);
        assertThat(Iterables.size(pairs)).isEqualTo(2);
    }

    @Test
    void repeatHasNoEnd() {
        assertThat(Iterables.limit(repeat("a"), 1000)).hasSize(1000).containsOnly("a");
    }

    @Test
    void zipStrictPairsInputsOfEqualLength() {
        assertThat(zipStrict(List.of(1, 2), List.of("a", "b")))
                .containsExactly(Pair.of(1, "a"), Pair.of(2, "b"));
        assertThat(zipStrict(List.of(), List.of())).isEmpty();
    }

    @Test
    void zipStrictRefusesInputsOfUnequalLengthBeforeAnythingStarts() {
        var started = new AtomicInteger();
        try (var pool = new ThreadPool(1)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> pool.starmap((_, _) -> started.incrementAndGet(),
                            zipStrict(List.of(1, 2, 3), List.of("a", "b"))))
                    .withMessage("inputs of unequal length: the second one ended after 2 items");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> pool.starmap((_, _) -> started.incrementAndGet(),
                            zipStrict(List.of(), List.of("a"))))
                    .withMessage("inputs of unequal length: the first one ended after 0 items");
        }

        assertThat(started).hasValue(0);
    }

    @Test
    void spreadGivesThePartsOfATriple() throws Exception {
        try (var pool = new ThreadPool(1);
                var results = pool.imap(spread((Integer a, Integer b, Integer c) -> a + 10 * b
                        + 100 * c), zip(List.of(1, 2), List.of(3, 4), List.of(5, 6)))) {
            assertThat(results).containsExactly(531, 642);
        }
    }

    // What is refused

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE, 1_000_001, Integer.MAX_VALUE})
    void tooFewWorkersOrTooManyAreRefused(int workers) {
        String message = "workers must be from 1 to 1000000, not " + workers;
        assertThatIllegalArgumentException().isThrownBy(() -> new ThreadPool(workers))
                .withMessage(message);
        assertThatIllegalArgumentException().isThrownBy(() -> ThreadPool.ofVirtualThreads(workers))
                .withMessage(message);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ThreadPool(workers, Thread::new)).withMessage(message);
    }

    @Test
    @NullUnmarked // the nulls are the test
    void nullIsRefusedByName() {
        InterruptibleFunction<Object, Object, Exception> function = null;
        InterruptibleBiFunction<Object, Object, Object, Exception> two = null;
        InterruptibleTriFunction<Object, Object, Object, Object, Exception> three = null;
        Iterable<Object> none = null;
        List<Integer> items = List.of(1);
        try (var pool = new ThreadPool(1)) {
            var calls = new ArrayList<Pair<String, ThrowingCallable>>();
            calls.add(Pair.of("threads", () -> new ThreadPool(1, null)));
            calls.add(Pair.of("function", () -> pool.map(function, items)));
            calls.add(Pair.of("function", () -> pool.mapAsync(function, items)));
            calls.add(Pair.of("function", () -> pool.imap(function, items)));
            calls.add(Pair.of("function", () -> pool.imapUnordered(function, items)));
            calls.add(Pair.of("function", () -> pool.starmap(two, List.of())));
            calls.add(Pair.of("function", () -> pool.starmap(three, List.of())));
            calls.add(Pair.of("items", () -> pool.map(item -> item, none)));
            calls.add(Pair.of("items", () -> pool.mapAsync(item -> item, none)));
            calls.add(Pair.of("items", () -> pool.imap(item -> item, none)));
            calls.add(Pair.of("items", () -> pool.imapUnordered(item -> item, none)));
            calls.add(Pair.of("first", () -> zip(none, items)));
            calls.add(Pair.of("second", () -> zip(items, none)));
            calls.add(Pair.of("first", () -> zip(none, items, items)));
            calls.add(Pair.of("second", () -> zip(items, none, items)));
            calls.add(Pair.of("third", () -> zip(items, items, none)));
            calls.add(Pair.of("first", () -> zipStrict(none, items)));
            calls.add(Pair.of("second", () -> zipStrict(items, none)));

            for (Pair<String, ThrowingCallable> call : calls) {
                assertThatNullPointerException().isThrownBy(call.getRight())
                        .withMessage(call.getLeft());
            }
        }
    }

    private static List<Thread> workersOf(ThreadPool pool, int workers) throws Exception {
        var all = new CyclicBarrier(workers);
        return pool.map(_ -> {
            all.await();
            return Thread.currentThread();
        }, Iterables.limit(repeat(0), workers));
    }

    @NullUnmarked // a factory may do this
    private static ThreadFactory nullOnceThenThreads(AtomicInteger calls) {
        return work -> calls.getAndIncrement() == 0 ? null : new Thread(work);
    }

    private static void awaitUnchecked(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}

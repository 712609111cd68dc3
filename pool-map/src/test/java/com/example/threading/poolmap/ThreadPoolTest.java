package com.example.threading.poolmap;

import static com.example.threading.poolmap.ThreadPool.spread;
import static com.example.threading.poolmap.Zip.repeat;
import static com.example.threading.poolmap.Zip.zip;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What [ThreadPool] promises, on every kind of worker and, where a promise is for every member,
/// for every [Member].
@ParameterizedClass
@EnumSource(Pools.class)
class ThreadPoolTest {

    private final Pools pools;

    ThreadPoolTest(Pools pools) {
        this.pools = pools;
    }

    // Results

    @ParameterizedTest
    @EnumSource(names = {"MAP", "STARMAP", "MAP_ASYNC", "IMAP"})
    void resultsKeepInputOrder(Member member) throws Exception {
        try (var pool = pools.of(2)) {
            var lastIsDone = new CountDownLatch(1);

            List<String> results = member.call(pool, item -> {
                if (item == 1) {
                    lastIsDone.await();
                } else if (item == 3) {
                    lastIsDone.countDown();
                }
                return "r" + item;
            }, List.of(1, 2, 3));

            assertThat(results).containsExactly("r1", "r2", "r3");
        }
    }

    @Test
    void unorderedResultsComeAsTheyComplete() throws Exception {
        try (var pool = pools.of(2)) {
            var othersWereRead = new CountDownLatch(1);
            List<Integer> read = new ArrayList<>();

            try (Stream<Integer> results = pool.imapUnordered(item -> {
                if (item == 1) {
                    othersWereRead.await();
                }
                return item;
            }, List.of(1, 2, 3, 4))) {
                results.forEach(result -> {
                    read.add(result);
                    if (read.size() == 3) {
                        othersWereRead.countDown();
                    }
                });
            }

            assertThat(read).containsExactly(2, 3, 4, 1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyItemIsMappedOnceHoweverManyThereAre(Member member) throws Exception {
        try (var pool = pools.of(3)) {
            List<Integer> items = IntStream.range(0, 1000).boxed().toList();

            assertThat(member.call(pool, item -> -item, items))
                    .containsExactlyInAnyOrderElementsOf(items.stream().map(i -> -i).toList());
        }
    }

    @ParameterizedTest
    @EnumSource
    void nothingMappedIsNothing(Member member) throws Exception {
        try (var pool = pools.of(2)) {
            assertThat(member.call(pool, item -> item, List.of())).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void itemsAndResultsMayBeNull(Member member) throws Exception {
        try (var pool = pools.of(2)) {
            List<String> items = Collections.singletonList(null);

            assertThat(member.call(pool, item -> item, items)).isEqualTo(items);
        }
    }

    @Test
    void aListOfResultsCannotBeChanged() throws Exception {
        try (var pool = pools.of(2)) {
            List<Integer> results = pool.map(item -> item, List.of(1));

            assertThatExceptionOfType(UnsupportedOperationException.class)
                    .isThrownBy(() -> results.set(0, 2));
        }
    }

    @ParameterizedTest
    @EnumSource
    void asManyRunAtOnceAsThereAreWorkersAndNeverMore(Member member) throws Exception {
        try (var pool = pools.of(3)) {
            var inFlight = new AtomicInteger();
            var peak = new AtomicInteger();
            // Passed only by three at once; nine items pass it three times.
            var barrier = new CyclicBarrier(3);

            member.call(pool, item -> {
                peak.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
                barrier.await();
                inFlight.decrementAndGet();
                return item;
            }, IntStream.range(0, 9).boxed().toList());

            assertThat(peak).hasValue(3);
        }
    }

    @Test
    void callsAreServedInTheOrderInWhichTheyWereMade() {
        var pool = pools.of(1);
        var gate = new CountDownLatch(1);
        Queue<String> log = new ConcurrentLinkedQueue<>();
        var _ = pool.mapAsync(_ -> {
            gate.await();
            return "";
        }, List.of(""));
        for (String call : List.of("a", "b", "c")) {
            var _ = pool.mapAsync(item -> log.add(call + item), List.of(1, 2));
        }

        gate.countDown();
        pool.close();

        assertThat(log).containsExactly("a1", "a2", "b1", "b2", "c1", "c2");
    }

    @Test
    void severalCallersCanShareAPool() {
        try (var pool = pools.of(2)) {
            List<Integer> items = IntStream.range(0, 100).boxed().toList();

            List<Caller<List<Integer>>> callers = Stream
                    .generate(() -> Caller.of(() -> pool.map(item -> item, items)))
                    .limit(8)
                    .toList();

            assertThat(callers).allSatisfy(
                    caller -> assertThat(caller.result()).isEqualTo(items));
        }
    }

    // Pairs and triples

    @Test
    void starmapTakesTwoLists() throws Exception {
        try (var pool = pools.of(2)) {
            assertThat(pool.starmap(String::concat, zip(List.of("a", "b"), List.of("x", "y"))))
                    .containsExactly("ax", "by");
        }
    }

    @Test
    void starmapTakesAConstantAndAList() throws Exception {
        try (var pool = pools.of(2)) {
            assertThat(pool.starmap(String::concat, zip(repeat("a"), List.of("x", "y"))))
                    .containsExactly("ax", "ay");
        }
    }

    @Test
    void starmapTakesThreeLists() throws Exception {
        try (var pool = pools.of(2)) {
            assertThat(pool.starmap((a, b, c) -> a + b + c,
                    zip(List.of("a", "b"), repeat(1), List.of(true, false))))
                    .containsExactly("a1true", "b1false");
        }
    }

    @ParameterizedTest
    @EnumSource
    void spreadGivesThePartsOfAPairToAnyMember(Member member) throws Exception {
        try (var pool = pools.of(2)) {
            assertThat(member.call(pool, spread((String a, Integer b) -> a + b),
                    zip(List.of("a", "b"), List.of(1, 2))))
                    .containsExactlyInAnyOrder("a1", "b2");
        }
    }

    // Lazy

    @Test
    void imapTakesInfiniteInput() throws Exception {
        try (var pool = pools.of(3);
                Stream<Integer> results = pool.imap(item -> 2 * item, ThreadPoolTest::naturals)) {
            assertThat(results.limit(100)).isEqualTo(IntStream.range(0, 100).mapToObj(i -> 2 * i)
                    .toList());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void inputIsReadAtMostTwiceTheWorkersAhead(boolean ordered) throws Exception {
        try (var pool = pools.of(3)) {
            var read = new AtomicInteger();
            Iterable<Integer> input = () -> Stream.generate(read::incrementAndGet).iterator();

            try (Stream<Integer> results = ordered
                    ? pool.imap(item -> item, input)
                    : pool.imapUnordered(item -> item, input)) {
                assertThat(read).as("before the first is wanted").hasValue(0);
                Iterator<Integer> reader = results.iterator();
                for (int taken = 1; taken <= 20; taken++) {
                    assertThat(reader.hasNext()).isTrue();
                    assertThat(read).hasValue(taken - 1 + 6);
                    reader.next();
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theReaderOfAStreamMayUseThePool(boolean ordered) throws Exception {
        try (var pool = pools.of(1);
                Stream<Integer> results = ordered
                        ? pool.imap(item -> item, ThreadPoolTest::naturals)
                        : pool.imapUnordered(item -> item, ThreadPoolTest::naturals)) {
            List<Integer> sums = new ArrayList<>();
            for (Iterator<Integer> reader = results.iterator(); sums.size() < 10;) {
                int result = reader.next();
                sums.addAll(pool.map(item -> item + result, List.of(100)));
            }

            assertThat(sums).isEqualTo(IntStream.range(100, 110).boxed().toList());
        }
    }

    @Test
    void aStreamThatIsNotReadHoldsNoWorker() throws Exception {
        try (var pool = pools.of(1)) {
            Iterator<Integer> reader = pool.imap(item -> item, ThreadPoolTest::naturals).iterator();
            assertThat(reader.next()).isZero();

            assertThat(pool.map(item -> item, List.of(7))).containsExactly(7);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void closingAStreamInterruptsWhatRunsAndWaitsForIt(boolean ordered) throws Exception {
        try (var pool = pools.of(2)) {
            var log = new ConcurrentLinkedQueue<String>();
            var bothRun = new CountDownLatch(2);
            Stream<Integer> results = ordered
                    ? pool.imap(item -> stubborn(item, bothRun, log), ThreadPoolTest::naturals)
                    : pool.imapUnordered(item -> stubborn(item, bothRun, log),
                            ThreadPoolTest::naturals);
            results.iterator().next();
            bothRun.await();

            results.close();

            assertThat(log).hasSize(2);
        }
    }

    @Test
    void closingAStreamStartsNothingMore() throws Exception {
        try (var pool = pools.of(1)) {
            var started = new AtomicInteger();
            Stream<Integer> results = pool.imap(item -> {
                started.incrementAndGet();
                return item == 0 ? item : forEver();
            }, ThreadPoolTest::naturals);
            Iterator<Integer> reader = results.iterator();
            assertThat(reader.next()).isZero();

            results.close();
            pool.map(item -> item, List.of(1));

            assertThat(started.get()).isLessThanOrEqualTo(2);
            assertThatExceptionOfType(CancellationException.class).isThrownBy(reader::next)
                    .withMessage("the stream was closed");
        }
    }

    @Test
    void aStoppedStreamReadsNoMoreInput() throws Exception {
        try (var pool = pools.of(1)) {
            var read = new AtomicInteger();
            Stream<Integer> results = pool.imap(item -> item,
                    () -> Stream.generate(read::incrementAndGet).iterator());
            Iterator<Integer> reader = results.iterator();
            reader.next();
            results.close();
            int readBefore = read.get();

            assertThatExceptionOfType(CancellationException.class).isThrownBy(reader::hasNext);

            assertThat(read).hasValue(readBefore);
        }
    }

    @Test
    void anInterruptWhileAStreamClosesIsKeptAndEndsTheWaiting() throws Exception {
        try (var pool = pools.of(1)) {
            var running = new CountDownLatch(1);
            var gate = new CountDownLatch(1);
            Stream<Integer> results = pool.imap(item -> {
                if (item == 0) {
                    return 0;
                }
                running.countDown();
                return ignoreInterrupts(gate);
            }, ThreadPoolTest::naturals);
            assertThat(results.iterator().next()).isZero();
            running.await();

            Caller<Boolean> closing = Caller.of(() -> {
                results.close();
                return Thread.currentThread().isInterrupted();
            });
            closing.awaitWaiting();
            closing.interrupt();

            assertThat(closing.result()).isTrue();
            gate.countDown();
        }
    }

    @Test
    void anAbandonedStreamStartsNothingBeyondWhatItHadRead() throws Exception {
        var started = new AtomicInteger();
        try (var pool = pools.of(2)) {
            assertThat(pool.imap(item -> started.incrementAndGet(), ThreadPoolTest::naturals)
                    .findFirst())
                    .isPresent();
        }

        assertThat(started).hasValue(4);
    }

    // Failure

    @ParameterizedTest
    @EnumSource
    void aFailureArrivesAsTheVeryObjectThatWasThrown(Member member) {
        try (var pool = pools.of(2)) {
            for (Throwable thrown : List.of(new IOException("checked"), new AssertionError("error"),
                    new IllegalStateException("unchecked"), new InterruptedException("own"),
                    new CompletionException(new IOException("wrapping")),
                    new CancellationException("own"))) {
                assertThat(catchThrowable(
                        () -> member.call(pool, _ -> ExceptionUtils.rethrow(thrown), List.of(1))))
                        .isSameAs(thrown);
            }
        }
    }

    /// The reader may look at any moment between a failure and its becoming known.
    @ParameterizedTest
    @EnumSource
    void aFailureIsNeverMistakenForAResult(Member member) {
        try (var pool = pools.of(2)) {
            var thrown = new IOException();
            for (int i = 0; i < 300; i++) {
                assertThat(catchThrowable(() -> member.call(pool, _ -> {
                    throw thrown;
                }, List.of(1, 2)))).isSameAs(thrown);
            }
        }
    }

    @Test
    void theCheckedExceptionOfTheFunctionIsThatOfTheCall() throws Exception {
        try (var pool = pools.of(2)) {
            // Compiles because map throws IOException, and not Exception.
            try {
                pool.map(ThreadPoolTest::failWithIOException, List.of(1));
            } catch (IOException e) {
                assertThat(e).hasMessage("1");
                return;
            }
            throw new AssertionError("nothing was thrown");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFailureBesideASlowHeadIsThrownAtOnceAndTheHeadInterrupted(Member member) {
        try (var pool = pools.of(2)) {
            var headRuns = new CountDownLatch(1);
            var headWasInterrupted = new AtomicBoolean();

            Throwable failure = catchThrowable(() -> member.call(pool, item -> {
                if (item == 0) {
                    headRuns.countDown();
                    try {
                        return forEver();
                    } finally {
                        headWasInterrupted.set(true);
                    }
                }
                headRuns.await();
                throw new IOException("beside the head");
            }, List.of(0, 1)));

            assertThat(failure).isExactlyInstanceOf(IOException.class).hasNoSuppressedExceptions();
            assertThat(headWasInterrupted).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void afterAFailureNothingMoreStarts(Member member) {
        var started = new AtomicInteger();
        try (var pool = pools.of(1)) {
            var _ = catchThrowable(() -> member.call(pool, _ -> {
                started.incrementAndGet();
                throw new IOException();
            }, List.of(1, 2, 3, 4)));
        }

        assertThat(started).hasValue(1);
    }

    @ParameterizedTest
    @EnumSource(names = {"IMAP", "IMAP_UNORDERED"})
    void afterAFailureNoMoreInputIsRead(Member member) {
        try (var pool = pools.of(2)) {
            var read = new AtomicInteger();
            Iterable<Integer> input = () -> Stream.generate(() -> {
                if (read.incrementAndGet() == 2) {
                    await().pollDelay(Duration.ZERO)
                            .until(() -> pool.executor.getCompletedTaskCount() > 0);
                }
                return 0;
            }).iterator();

            assertThat(catchThrowable(() -> member.call(pool, _ -> {
                throw new IOException();
            }, input))).isInstanceOf(IOException.class);

            assertThat(read).hasValue(2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatRunsBesideAFailureIsWaitedFor(Member member) {
        try (var pool = pools.of(3)) {
            var log = new ConcurrentLinkedQueue<String>();
            var run = new CountDownLatch(2);

            var _ = catchThrowable(() -> member.call(pool, item -> {
                if (item < 2) {
                    return stubborn(item + 1, run, log);
                }
                run.await();
                throw new IOException();
            }, List.of(0, 1, 2)));

            assertThat(log).hasSize(2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void laterFailuresAreSuppressedInTheFirst(Member member) {
        try (var pool = pools.of(2)) {
            var bothRun = new CyclicBarrier(2);
            var late = new IOException("late");

            Throwable failure = catchThrowable(() -> member.call(pool, item -> {
                bothRun.await();
                if (item == 1) {
                    throw new IOException("first");
                }
                try {
                    return forEver();
                } catch (InterruptedException _) {
                    throw late;
                }
            }, List.of(0, 1)));

            assertThat(failure).hasMessage("first");
            assertThat(failure.getSuppressed()).containsExactly(late);
        }
    }

    @ParameterizedTest
    @EnumSource
    void failuresThatCoincideAreSuppressedOnce(Member member) {
        try (var pool = pools.of(2)) {
            for (int i = 0; i < 100; i++) {
                var bothRun = new CyclicBarrier(2);

                Throwable failure = catchThrowable(() -> member.call(pool, item -> {
                    bothRun.await();
                    throw new IOException("" + item);
                }, List.of(0, 1)));

                assertThat(failure.getSuppressed()).hasSizeLessThanOrEqualTo(1);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void oneExceptionThrownTwiceIsNotSuppressedInItself(Member member) {
        try (var pool = pools.of(2)) {
            var bothRun = new CyclicBarrier(2);
            var shared = new IOException("shared");

            Throwable failure = catchThrowable(() -> member.call(pool, _ -> {
                bothRun.await();
                throw shared;
            }, List.of(0, 1)));

            assertThat(failure).isSameAs(shared).hasNoSuppressedExceptions();
        }
    }

    @ParameterizedTest
    @EnumSource
    void afterAFailureThePoolGoesOnWithAllItsWorkersAndNoInterruptLeft(Member member)
            throws Exception {
        try (var pool = pools.of(2)) {
            var bothRun = new CyclicBarrier(2);
            var _ = catchThrowable(() -> member.call(pool, item -> {
                bothRun.await();
                if (item == 1) {
                    throw new AssertionError();
                }
                return forEver();
            }, List.of(0, 1)));

            List<Boolean> interrupted = pool.map(_ -> {
                bothRun.await();
                return Thread.currentThread().isInterrupted();
            }, List.of(0, 1));

            assertThat(interrupted).containsExactly(false, false);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptThatAFunctionLeftIsNotForTheNextItem(Member member) throws Exception {
        try (var pool = pools.of(1)) {
            assertThat(member.call(pool, _ -> {
                boolean interrupted = Thread.currentThread().isInterrupted();
                Thread.currentThread().interrupt();
                return interrupted;
            }, List.of(1, 2, 3))).containsOnly(false);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatTheInputThrowsReachesTheCallerAndStopsTheWork(Member member) throws Exception {
        try (var pool = pools.of(1)) {
            var thrown = new IllegalStateException("the input");
            var running = new AtomicInteger();
            Iterable<Integer> input = () -> Stream.iterate(0, item -> {
                if (item == 0) {
                    throw thrown;
                }
                return item;
            }).iterator();

            Throwable failure = catchThrowable(() -> member.call(pool, _ -> {
                running.incrementAndGet();
                try {
                    return forEver();
                } finally {
                    running.decrementAndGet();
                }
            }, input));

            assertThat(failure).isSameAs(thrown);
            assertThat(running).hasValue(0);
            assertThat(pool.map(item -> item, List.of(1))).containsExactly(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anInputThatLiesAboutItsSizeIsReadToItsTrueEnd(Member member) throws Exception {
        try (var pool = pools.of(2)) {
            for (int size : new int[]{0, 2, 5, -1}) {
                List<Integer> liar = new AbstractList<>() {
                    @Override
                    public Integer get(int index) {
                        return index;
                    }

                    @Override
                    public int size() {
                        return size;
                    }

                    @Override
                    public Iterator<Integer> iterator() {
                        return List.of(1, 2, 3).iterator();
                    }
                };

                assertThat(member.call(pool, item -> item, liar))
                        .containsExactlyInAnyOrder(1, 2, 3);
            }
        }
    }

    // Interruption and deadlines

    @ParameterizedTest
    @EnumSource
    void interruptingTheCallerInterruptsTheWorkAndIsReported(Member member) throws Exception {
        try (var pool = pools.of(2)) {
            var bothRun = new CountDownLatch(2);
            var ended = new CountDownLatch(2);
            Caller<?> caller = Caller.of(() -> member.call(pool, _ -> {
                bothRun.countDown();
                try {
                    return forEver();
                } finally {
                    ended.countDown();
                }
            }, List.of(1, 2, 3, 4)));
            bothRun.await();

            caller.interrupt();

            assertThat(caller.failure()).isExactlyInstanceOf(InterruptedException.class);
            ended.await();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"MAP", "STARMAP", "IMAP", "IMAP_UNORDERED"})
    void anInterruptedCallerWaitsForWhatRuns(Member member) throws Exception {
        try (var pool = pools.of(2)) {
            var log = new ConcurrentLinkedQueue<String>();
            var bothRun = new CountDownLatch(2);
            Caller<?> caller = Caller.of(() -> member.call(pool,
                    item -> stubborn(item, bothRun, log), List.of(1, 2)));
            bothRun.await();

            caller.interrupt();

            assertThat(caller.failure()).isExactlyInstanceOf(InterruptedException.class);
            assertThat(log).hasSize(2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSecondInterruptEndsTheWaitingForAWorkerThatIgnoresItsOwn(Member member)
            throws Exception {
        try (var pool = pools.of(1)) {
            var running = new CountDownLatch(1);
            var interrupted = new CountDownLatch(1);
            var gate = new CountDownLatch(1);
            Caller<?> caller = Caller.of(() -> member.call(pool, _ -> {
                running.countDown();
                try {
                    return forEver();
                } catch (InterruptedException _) {
                    interrupted.countDown();
                    return ignoreInterrupts(gate);
                }
            }, List.of(1)));
            running.await();

            caller.interrupt();
            interrupted.await();
            // A stream is closed after its failure: closing, it waits once more.
            while (!caller.isDone()) {
                caller.interrupt();
                Thread.onSpinWait();
            }

            assertThat(caller.failure()).isExactlyInstanceOf(InterruptedException.class);
            gate.countDown();
        }
    }

    @Test
    void anInterruptAfterTheFirstFailureIsKeptAndTheFailureThrown() throws Exception {
        try (var pool = pools.of(2)) {
            var gate = new CountDownLatch(1);
            var stubbornRuns = new CountDownLatch(1);
            var stubbornIsInterrupted = new CountDownLatch(1);
            var keptInterrupt = new AtomicBoolean();
            Caller<?> caller = Caller.of(() -> {
                try {
                    return pool.map(item -> {
                        if (item == 1) {
                            stubbornRuns.await();
                            throw new IOException("first");
                        }
                        stubbornRuns.countDown();
                        try {
                            return forEver();
                        } catch (InterruptedException _) {
                            stubbornIsInterrupted.countDown();
                            return ignoreInterrupts(gate);
                        }
                    }, List.of(0, 1));
                } finally {
                    keptInterrupt.set(Thread.currentThread().isInterrupted());
                }
            });
            stubbornIsInterrupted.await();
            caller.awaitWaiting();

            caller.interrupt();
            gate.countDown();

            assertThat(caller.failure()).isExactlyInstanceOf(IOException.class);
            assertThat(keptInterrupt).isTrue();
        }
    }

    @Test
    void aFutureThatIsCompletedFromOutsideEndsItsWork() throws Exception {
        try (var pool = pools.of(2)) {
            for (Completion completion : Completion.values()) {
                var bothRun = new CountDownLatch(2);
                var bothEnded = new CountDownLatch(2);
                var started = new AtomicInteger();
                CompletableFuture<List<Integer>> future = pool.mapAsync(_ -> {
                    started.incrementAndGet();
                    bothRun.countDown();
                    try {
                        return forEver();
                    } finally {
                        bothEnded.countDown();
                    }
                }, List.of(1, 2, 3, 4));
                bothRun.await();

                completion.complete(future);

                bothEnded.await();
                // The pool is free again, and nothing of the call was left to start.
                pool.map(item -> item, List.of(1, 2));
                assertThat(started).as(completion.name()).hasValue(2);
            }
        }
    }

    private enum Completion {
        CANCEL, TIME_OUT, DEFAULT_AFTER_TIME, EXCEPTION, VALUE;

        void complete(CompletableFuture<List<Integer>> future) {
            switch (this) {
                case CANCEL -> assertThat(future.cancel(false)).isTrue();
                case TIME_OUT ->
                    assertThat(future.orTimeout(1, MILLISECONDS))
                            .failsWithin(10, SECONDS)
                            .withThrowableThat().withCauseInstanceOf(TimeoutException.class);
                case DEFAULT_AFTER_TIME -> assertThat(future.completeOnTimeout(List.of(), 1,
                        MILLISECONDS))
                        .succeedsWithin(10, SECONDS);
                case EXCEPTION -> future.completeExceptionally(new IOException());
                case VALUE -> future.complete(List.of());
            }
        }
    }

    @Test
    void cancellingAFutureDoesNotWaitForWhatRuns() throws Exception {
        try (var pool = pools.of(1)) {
            var gate = new CountDownLatch(1);
            var future = onceRunning(pool, () -> ignoreInterrupts(gate));

            assertThat(future.cancel(true)).isTrue();

            // Had it waited, it would still do so.
            gate.countDown();
        }
    }

    @Test
    void aFailedFutureCompletesWhenItsWorkHasEnded() throws Exception {
        try (var pool = pools.of(2)) {
            var log = new ConcurrentLinkedQueue<String>();
            var run = new CountDownLatch(1);

            CompletableFuture<List<Integer>> future = pool.mapAsync(item -> {
                if (item == 1) {
                    return stubborn(item, run, log);
                }
                run.await();
                throw new IOException();
            }, List.of(1, 2));

            assertThat(future.handle((_, _) -> log.size()).join()).isEqualTo(1);
        }
    }

    @Test
    void aFuturesDependantMayThrowAndThePoolGoesOn() throws Exception {
        try (var pool = pools.of(1)) {
            CompletableFuture<Object> dependant = pool.mapAsync(item -> item, List.of(1))
                    .thenApply(_ -> {
                        throw new IllegalStateException("dependant");
                    });

            assertThat(dependant).failsWithin(10, SECONDS);
            assertThat(pool.map(item -> item, List.of(1))).containsExactly(1);
        }
    }

    // The pool's own life

    @ParameterizedTest
    @EnumSource
    void terminateGivesEveryWaiterACancellationAtOnce(Member member) throws Exception {
        var pool = pools.of(1);
        var running = new CountDownLatch(1);
        var gate = new CountDownLatch(1);
        Caller<?> served = Caller.of(() -> member.call(pool, _ -> {
            running.countDown();
            return ignoreInterrupts(gate);
        }, List.of(1)));
        running.await();
        Caller<?> queued = Caller.of(() -> member.call(pool, item -> item, List.of(1)));
        queued.awaitWaiting();

        pool.terminate();

        assertThat(List.of(served, queued)).allSatisfy(caller -> assertThat(caller.failure())
                .isExactlyInstanceOf(CancellationException.class)
                .hasMessage("the pool was terminated"));
        gate.countDown();
        pool.close();
    }

    @Test
    void terminateInterruptsTheWorkersAndDropsTheQueue() throws Exception {
        var pool = pools.of(1);
        var running = new CountDownLatch(1);
        var started = new AtomicInteger();
        var served = pool.mapAsync(_ -> {
            started.incrementAndGet();
            running.countDown();
            return forEver();
        }, List.of(1, 2));
        var queued = pool.mapAsync(_ -> started.incrementAndGet(), List.of(1));
        running.await();

        pool.terminate();
        pool.close();

        assertThat(started).hasValue(1);
        assertThat(List.of(served, queued)).allSatisfy(
                future -> assertThat(future).isCancelled());
    }

    /// What depends on a future runs in the thread that terminates the pool. Which of the calls that
    /// thread comes to first is chance.
    @Test
    void aSlowDependantOfAFutureHoldsUpNobodyWhoWaits() throws Exception {
        var pool = pools.of(1);
        var gate = new CountDownLatch(1);
        var busy = onceRunning(pool, () -> ignoreInterrupts(gate));
        Caller<?> waiter = Caller.of(() -> pool.map(item -> item, List.of(1)));
        waiter.awaitWaiting();
        var dependants = Stream.generate(() -> pool.mapAsync(item -> item, List.of(1))
                .handle((_, _) -> waiter.failure())).limit(10).toList();

        pool.terminate();

        assertThat(dependants).allSatisfy(dependant -> assertThat(dependant.join())
                .isInstanceOf(CancellationException.class));
        gate.countDown();
        pool.close();
        assertThat(busy).isCancelled();
    }

    @Test
    void closeFinishesWhatWasAccepted() {
        var pool = pools.of(2);
        List<CompletableFuture<List<Integer>>> futures = IntStream.range(0, 10)
                .mapToObj(i -> pool.mapAsync(item -> item, List.of(i, i)))
                .toList();

        pool.close();

        assertThat(futures).allSatisfy(future -> assertThat(future).isCompleted());
    }

    /// The worker may be about to look for more work when there is none any more.
    @Test
    void closeReturnsWhenWhatIsQueuedIsCancelledMeanwhile() throws Exception {
        for (int i = 0; i < 200; i++) {
            var pool = pools.of(1);
            var gate = new CountDownLatch(1);
            var first = pool.mapAsync(_ -> {
                gate.await();
                return 0;
            }, List.of(1));
            var second = pool.mapAsync(item -> item, List.of(1));
            Caller<Boolean> closing = Caller.of(() -> {
                pool.close();
                return true;
            });
            closing.awaitWaiting();

            gate.countDown();
            second.cancel(true);

            assertThat(closing.result()).isTrue();
            assertThat(first).isCompleted();
        }
    }

    @Test
    void closeEndsEveryWorker() throws Exception {
        Set<Thread> workers = ConcurrentHashMap.newKeySet();
        try (var pool = pools.of(3)) {
            var all = new CyclicBarrier(3);
            pool.map(_ -> {
                all.await();
                return workers.add(Thread.currentThread());
            }, List.of(1, 2, 3));
        }

        assertThat(workers).hasSize(3);
        for (Thread worker : workers) {
            worker.join();
        }
    }

    @Test
    void anInterruptedCloseTerminatesWithoutWaitingAndKeepsTheInterrupt() throws Exception {
        var pool = pools.of(1);
        var gate = new CountDownLatch(1);
        var future = onceRunning(pool, () -> ignoreInterrupts(gate));
        Caller<Boolean> closing = Caller.of(() -> {
            pool.close();
            return Thread.currentThread().isInterrupted();
        });
        closing.awaitWaiting();

        closing.interrupt();

        assertThat(closing.result()).isTrue();
        assertThat(future).isCancelled();
        gate.countDown();
        pool.close();
    }

    @ParameterizedTest
    @EnumSource
    void aClosedPoolRefusesEveryMember(Member member) {
        var pool = pools.of(1);
        pool.close();
        pool.close();

        for (List<Integer> items : List.of(List.of(1), List.<Integer>of())) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> member.call(pool, item -> item, items))
                    .withMessage("the pool is closed");
        }
    }

    @Test
    void aClosedPoolStillGivesAStreamWhatItHadAcceptedAndThenRefuses() throws Exception {
        var pool = pools.of(2);
        Iterator<Integer> reader = pool.imap(item -> item, ThreadPoolTest::naturals).iterator();
        assertThat(reader.next()).isZero();

        pool.close();

        assertThat(List.of(reader.next(), reader.next(), reader.next())).containsExactly(1, 2, 3);
        assertThatIllegalStateException().isThrownBy(reader::next)
                .withMessage("the pool is closed");
    }

    @Test
    void dependentsOfOneFutureMayCancelAnotherWhileThePoolTerminates() throws Exception {
        var pool = pools.of(2);
        var bothRun = new CountDownLatch(2);
        List<CompletableFuture<List<Integer>>> futures = Stream.generate(
                () -> pool.<Integer, Integer>mapAsync(_ -> {
                    bothRun.countDown();
                    return forEver();
                }, List.of(1))).limit(2).toList();
        var dependents = futures.stream()
                .map(future -> future.handle((_, _) -> futures.stream()
                        .map(other -> other.cancel(true)).toList()))
                .toList();
        bothRun.await();

        pool.terminate();
        pool.close();

        assertThat(dependents).allSatisfy(dependent -> assertThat(dependent).isCompleted());
    }

    /// Which of the two is cancelled first is chance.
    @Test
    void whatDependsOnAQueuedFutureMayWaitForARunningOneWhileThePoolTerminates() throws Exception {
        for (int i = 0; i < 10; i++) {
            var pool = pools.of(1);
            var busy = onceRunning(pool, ThreadPoolTest::forEver);
            var dependent = pool.mapAsync(item -> item, List.of(1))
                    .handle((_, _) -> catchThrowable(busy::join));

            pool.terminate();
            pool.close();

            assertThat(dependent.join()).isInstanceOf(CancellationException.class);
        }
    }

    @Test
    void aCallThatComesWhileThePoolTerminatesIsRefused() throws Exception {
        var pool = pools.of(1);
        var busy = onceRunning(pool, ThreadPoolTest::forEver);
        CompletableFuture<Throwable> refusal = pool.mapAsync(item -> item, List.of(1))
                .handle((_, _) -> catchThrowable(() -> pool.mapAsync(item -> item, List.of(1))));

        pool.terminate();
        pool.close();

        assertThat(refusal.join()).isInstanceOf(IllegalStateException.class)
                .hasMessage("the pool is closed");
        assertThat(busy).isCancelled();
    }

    /// The worker may be quicker than the caller, who is still handing out tasks then.
    @Test
    void aWorkerMayTerminateItsPool() {
        for (int i = 0; i < 100; i++) {
            var pool = pools.of(2);

            assertThatExceptionOfType(CancellationException.class)
                    .isThrownBy(() -> pool.map(_ -> {
                        pool.terminate();
                        return forEver();
                    }, List.of(1, 2, 3)))
                    .withMessage("the pool was terminated");
            pool.close();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTerminatedPoolEndsAStreamThatNobodyHasReadYet(boolean ordered) throws Exception {
        var pool = pools.of(1);
        Iterator<Integer> reader = (ordered
                ? pool.imap((Integer item) -> item, List.of(1, 2))
                : pool.imapUnordered((Integer item) -> item, List.of(1, 2))).iterator();

        pool.terminate();

        assertThatExceptionOfType(CancellationException.class).isThrownBy(reader::next)
                .withMessage("the pool was terminated");
    }

    @Test
    void aTerminatedPoolEndsAStreamThatNobodyIsReadingAtTheMoment() throws Exception {
        var pool = pools.of(1);
        Iterator<Integer> reader = pool.imap(item -> item, List.of(1, 2)).iterator();
        reader.next();

        pool.terminate();

        assertThatExceptionOfType(CancellationException.class).isThrownBy(reader::next);
        pool.close();
    }

    @ParameterizedTest
    @EnumSource
    void aCallFromTheirOwnPoolsWorkersIsRefused(Member member) {
        try (var pool = pools.of(2)) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> pool.map(
                            _ -> member.call(pool, item -> item, List.of(1)), List.of(1)))
                    .withMessageStartingWith("called from a worker of this pool");
        }
    }

    @Test
    void readingAStreamInAWorkerOfItsPoolIsRefused() throws Exception {
        try (var pool = pools.of(1); Stream<Integer> results = pool.imap(i -> i, List.of(1, 2))) {
            Iterator<Integer> reader = results.iterator();
            reader.next();

            assertThatIllegalStateException()
                    .isThrownBy(() -> pool.map(_ -> reader.next(), List.of(1)))
                    .withMessageStartingWith("called from a worker of this pool");
        }
    }

    @Test
    void aFunctionThatReadsOrClosesItsOwnStreamIsRefused() throws Exception {
        try (var pool = pools.of(2)) {
            var own = new CompletableFuture<Stream<Throwable>>();
            var reader = new CompletableFuture<Iterator<Throwable>>();
            own.complete(pool.imap(item -> item == 0
                    ? catchThrowable(() -> reader.join().hasNext())
                    : catchThrowable(() -> own.join().close()), List.of(0, 1)));
            reader.complete(own.join().iterator());

            assertThat(List.of(reader.join().next(), reader.join().next()))
                    .allSatisfy(refusal -> assertThat(refusal)
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageStartingWith("called from a worker of this pool"));
        }
    }

    @Test
    void closingAPoolFromItsOwnWorkersIsRefused() throws Exception {
        try (var pool = pools.of(1)) {
            Throwable refusal = pool.map(_ -> catchThrowable(pool::close), List.of(1)).getFirst();

            assertThat(refusal).isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("called from a worker of this pool");
            assertThat(pool.map(item -> item, List.of(1))).containsExactly(1);
        }
    }

    @Test
    void aWorkerMayUseAnotherPool() throws Exception {
        try (var outer = pools.of(1); var inner = pools.of(1)) {
            assertThat(outer.map(item -> inner.map(i -> -i, List.of(item)), List.of(1)))
                    .containsExactly(List.of(-1));
        }
    }

    // Memory

    @ParameterizedTest
    @EnumSource
    void neitherItemsNorResultsAreHeldAfterTheCall(Member member) throws Exception {
        try (var pool = pools.of(2)) {
            awaitCleared(callWithObjects(pool, member));
        }
    }

    @Test
    void aCancelledCallHoldsNoItemsThoughItsWorkerIsBusyWithAnother() throws Exception {
        try (var pool = pools.of(1)) {
            var gate = new CountDownLatch(1);
            var busy = onceRunning(pool, () -> ignoreInterrupts(gate));

            awaitCleared(List.of(cancelACall(pool)));

            gate.countDown();
            assertThat(busy.join()).containsExactly(0);
        }
    }

    private static WeakReference<?> cancelACall(ThreadPool pool) {
        Object item = new Object();
        assertThat(pool.mapAsync(i -> i, List.of(item)).cancel(true)).isTrue();
        return new WeakReference<>(item);
    }

    private static List<WeakReference<?>> callWithObjects(ThreadPool pool, Member member)
            throws Exception {
        List<Object> items = Stream.generate(Object::new).limit(4).toList();
        List<Object> results = member.call(pool, _ -> new Object(), items);
        return Stream.concat(items.stream(), results.stream())
                .<WeakReference<?>>map(WeakReference::new)
                .toList();
    }

    @Test
    void anAbandonedStreamIsCollected() throws Exception {
        try (var pool = pools.of(2)) {
            awaitCleared(List.of(new WeakReference<>(abandonAStream(pool))));
        }
    }

    private static Object abandonAStream(ThreadPool pool) throws Exception {
        Object item = new Object();
        assertThat(pool.imap(i -> i, repeat(item)).iterator().next()).isSameAs(item);
        return item;
    }

    static void awaitCleared(List<WeakReference<?>> references) {
        await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5)).until(() -> {
            System.gc();
            return references.stream().allMatch(reference -> reference.get() == null);
        });
    }

    // Items and functions

    private static Iterator<Integer> naturals() {
        return Stream.iterate(0, i -> i + 1).iterator();
    }

    /// Gives a worker something to do, and returns when the worker is at it.
    private static CompletableFuture<List<Integer>> onceRunning(ThreadPool pool,
            Callable<Integer> work) throws InterruptedException {
        var running = new CountDownLatch(1);
        var future = pool.mapAsync(_ -> {
            running.countDown();
            return work.call();
        }, List.of(1));
        running.await();
        return future;
    }

    /// Waits until it is interrupted.
    private static Integer forEver() throws InterruptedException {
        new CountDownLatch(1).await();
        throw new AssertionError("unreachable");
    }

    private static Integer ignoreInterrupts(CountDownLatch gate) {
        Uninterruptibles.awaitUninterruptibly(gate);
        return 0;
    }

    /// For item 0 returns at once; for others waits until it is interrupted, does not stop at
    /// once, and leaves a line in the log as the last thing it does.
    private static Integer stubborn(int item, CountDownLatch run, Queue<String> log) {
        if (item == 0) {
            return 0;
        }
        run.countDown();
        try {
            return forEver();
        } catch (InterruptedException _) {
            var cleaner = new Phaser(1);
            Thread.ofPlatform().daemon().start(cleaner::arrive);
            cleaner.awaitAdvance(0);
            log.add("cleaned up after " + item);
            return item;
        }
    }

    private static Integer failWithIOException(int item) throws IOException, InterruptedException {
        throw new IOException(Integer.toString(item));
    }
}

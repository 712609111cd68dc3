package com.example.threading.poolmap;

import static com.example.threading.poolmap.Tasks.endingOnce;
import static com.example.threading.poolmap.Tasks.forEver;
import static com.example.threading.poolmap.Tasks.naturals;
import static com.example.threading.poolmap.Zip.repeat;
import static com.example.threading.poolmap.Zip.zip;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.example.threading.common.Caller;
import com.example.threading.common.NoLeaks;
import com.google.common.collect.Iterators;
import java.io.IOException;
import java.util.AbstractList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.commons.lang3.tuple.Pair;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is asked of the input, and what it may do.
@ExtendWith(NoLeaks.class)
@ParameterizedClass
@EnumSource(Pools.class)
class InputTest {

    private final Pools pools;

    InputTest(Pools pools) {
        this.pools = pools;
    }

    // Its end

    @ParameterizedTest
    @EnumSource
    void theEndOfTheInputIsAskedForOnce(Member member) throws Exception {
        try (var pool = pools.of(2)) {
            for (List<Integer> items : List.of(List.<Integer>of(), List.of(1), List.of(1, 2, 3, 4),
                    List.of(1, 2, 3, 4, 5, 6, 7))) {
                assertThat(member.call(pool, item -> item, endingOnce(items)))
                        .containsExactlyInAnyOrderElementsOf(items);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void theEndOfEachZippedInputIsAskedForOnce(Member member) throws Exception {
        List<Integer> items = List.of(1, 2, 3);
        try (var pool = pools.of(2)) {
            for (Iterable<Pair<Integer, Integer>> pairs : List.of(
                    Zip.<Integer, Integer>zip(endingOnce(items), endingOnce(items)),
                    Zip.<Integer, Integer>zip(endingOnce(items), repeat(0)),
                    Zip.<Integer, Integer>zip(repeat(0), endingOnce(items)),
                    Zip.<Integer, Integer>zipStrict(endingOnce(items), endingOnce(items)))) {
                assertThat(member.call(pool, pair -> pair, pairs)).hasSize(3);
            }
            assertThat(member.call(pool, triple -> triple,
                    zip(endingOnce(items), endingOnce(items), endingOnce(items)))).hasSize(3);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aStreamAtItsEndAsksItsInputNoMore(boolean ordered) throws Exception {
        try (var pool = pools.of(2);
                Stream<Integer> results = stream(pool, ordered, item -> item,
                        endingOnce(List.of(1)))) {
            Iterator<Integer> reader = results.iterator();
            assertThat(reader.next()).isOne();

            assertThat(List.of(reader.hasNext(), reader.hasNext())).containsExactly(false, false);
        }
    }

    // Its pace

    /// Each item waits for the result of the one before it, as a slow source does.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aResultThatIsReadyWaitsForOneItemAtMost(boolean ordered) throws Exception {
        try (var pool = pools.of(4)) {
            var taken = new AtomicInteger();
            List<CompletableFuture<Thread>> workers = Stream
                    .generate(() -> new CompletableFuture<Thread>()).limit(30).toList();
            Iterable<Integer> input = () -> Iterators.transform(naturals(), item -> {
                if (item > 0) {
                    // It waits for work: the result is ready.
                    Caller.awaitWaiting(workers.get(item - 1).join());
                    assertThat(taken.get()).as("results taken when item %s is read", item)
                            .isGreaterThanOrEqualTo(item - 1);
                }
                return item;
            });

            try (Stream<Integer> results = stream(pool, ordered, item -> {
                workers.get(item).complete(Thread.currentThread());
                return item;
            }, input)) {
                Iterator<Integer> reader = results.iterator();
                while (taken.get() < 20) {
                    assertThat(reader.next()).isEqualTo(taken.getAndIncrement());
                }
            }
        }
    }

    /// The second thread is made while the second item is on its way to a worker, and the first item
    /// fails meanwhile.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void afterAFailureTheInputIsNotAskedForMore(boolean ordered) throws Exception {
        var made = new AtomicInteger();
        var mayFail = new CountDownLatch(1);
        var failing = new CompletableFuture<Thread>();
        var read = new AtomicInteger();
        ThreadFactory factory = work -> {
            if (made.incrementAndGet() == 2) {
                mayFail.countDown();
                // It waits for work: the failure is known.
                Caller.awaitWaiting(failing.join());
            }
            return pools.thread(work);
        };
        try (var pool = new ThreadPool(4, factory);
                Stream<Integer> results = stream(pool, ordered, item -> {
                    mayFail.await();
                    if (item == 0) {
                        failing.complete(Thread.currentThread());
                        throw new IllegalStateException("the first item");
                    }
                    return item;
                }, () -> Iterators.transform(naturals(), item -> {
                    read.incrementAndGet();
                    return item;
                }))) {
            assertThatIllegalStateException().isThrownBy(results::toList)
                    .withMessage("the first item");

            assertThat(read).hasValue(2);
        }
    }

    // Its failures, and its lies

    @ParameterizedTest
    @EnumSource(names = {"IMAP", "IMAP_UNORDERED"})
    void afterAFailureNoMoreInputIsRead(Member member) {
        try (var pool = pools.of(1)) {
            var read = new AtomicInteger();
            var secondIsWanted = new CountDownLatch(1);
            Iterable<Integer> input = () -> Stream.generate(() -> {
                if (read.incrementAndGet() == 2) {
                    secondIsWanted.countDown();
                    // The only worker does this after it has failed.
                    pool.mapAsync(item -> item, List.of(1)).join();
                }
                return 0;
            }).iterator();

            assertThat(catchThrowable(() -> member.call(pool, _ -> {
                secondIsWanted.await();
                throw new IOException();
            }, input))).isInstanceOf(IOException.class);

            assertThat(read).hasValue(2);
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

    private static Stream<Integer> stream(ThreadPool pool, boolean ordered,
            InterruptibleFunction<Integer, Integer, RuntimeException> function,
            Iterable<Integer> items) throws InterruptedException {
        return ordered ? pool.imap(function, items) : pool.imapUnordered(function, items);
    }
}

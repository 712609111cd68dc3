package com.example.threading.poolmap;

import static com.example.threading.poolmap.InterruptibleFunction.spread;
import static com.example.threading.poolmap.Zip.repeat;
import static com.example.threading.poolmap.Zip.zip;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.example.threading.common.Caller;
import com.example.threading.common.NoLeaks;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The results of a call: their order, their number, and how many workers make them. As in every class
/// of its kind here, each claim is tested on every kind of worker and, where it is for every method of
/// the pool that takes a function, for every [Member].
@ExtendWith(NoLeaks.class)
@ParameterizedClass
@EnumSource(Pools.class)
class ResultsTest {

    private final Pools pools;

    ResultsTest(Pools pools) {
        this.pools = pools;
    }

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

    @Test
    void spreadGivesThePartsOfATriple() throws Exception {
        try (var pool = pools.of(1);
                var results = pool.imap(spread((Integer a, Integer b, Integer c) -> a + 10 * b
                        + 100 * c), zip(List.of(1, 2), List.of(3, 4), List.of(5, 6)))) {
            assertThat(results).containsExactly(531, 642);
        }
    }
}

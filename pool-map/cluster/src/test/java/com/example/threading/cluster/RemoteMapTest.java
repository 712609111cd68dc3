package com.example.threading.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.threading.poolmap.ThreadPool;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a pool promises, with a function that is applied on members. These are embedded, so that
/// the functions, which are static, share what this class holds.
@Timeout(120)
class RemoteMapTest {

    private static final int MEMBERS = 3;
    private static final int THREADS = 4;
    private static final int SLOTS = MEMBERS * THREADS;
    private static final List<Integer> ITEMS = IntStream.range(0, 100).boxed().toList();

    private static final Map<String, Integer> running = new ConcurrentHashMap<>();
    private static final Map<String, Integer> peaks = new ConcurrentHashMap<>();
    private static CyclicBarrier allSlots = new CyclicBarrier(SLOTS);

    private static Cluster cluster;

    @AutoClose
    private final ThreadPool pool = ThreadPool.ofVirtualThreads(2 * SLOTS);

    @BeforeAll
    @Timeout(120)
    static void start() {
        cluster = Cluster.embedded(MEMBERS, THREADS);
    }

    @AfterAll
    static void end() {
        cluster.close();
    }

    @BeforeEach
    void forget() {
        running.clear();
        peaks.clear();
        allSlots = new CyclicBarrier(SLOTS);
    }

    @Test
    void resultsKeepInputOrder() throws Exception {
        assertThat(pool.map(cluster.remotely((Integer i) -> 10 * i), ITEMS))
                .isEqualTo(ITEMS.stream().map(i -> 10 * i).toList());
    }

    @Test
    @SuppressWarnings("NullAway") // a result may be null, though the types do not say it
    void whatALambdaCapturesAndNullTravelToo() throws Exception {
        String prefix = "item ";

        assertThat(pool.map(cluster.remotely((Integer i) -> i == 1 ? null : prefix + i),
                List.of(0, 1, 2))).containsExactly("item 0", null, "item 2");
    }

    @Test
    void everyThreadOfEveryMemberIsUsedAndNoMore() throws Exception {
        // The barrier opens when as many items are under way as there are slots.
        List<String> members = pool.map(cluster.remotely(RemoteMapTest::meet),
                ITEMS.subList(0, 2 * SLOTS));

        assertThat(peaks).hasSize(MEMBERS).allSatisfy(
                (member, peak) -> assertThat(peak).as(member).isEqualTo(THREADS));
        assertThat(members).hasSize(2 * SLOTS).containsOnly(peaks.keySet().toArray(String[]::new));
    }

    private static String meet(int item) throws Exception {
        String member = Cluster.member();
        peaks.merge(member, running.merge(member, 1, Integer::sum), Math::max);
        try {
            allSlots.await();
            return member;
        } finally {
            running.merge(member, -1, Integer::sum);
        }
    }

    @Test
    void aFewItemsAreSpreadOverTheMembers() throws Exception {
        allSlots = new CyclicBarrier(MEMBERS);

        assertThat(pool.map(cluster.remotely(RemoteMapTest::meet), ITEMS.subList(0, MEMBERS)))
                .doesNotHaveDuplicates();
    }

    @Test
    void imapTakesInfiniteInput() throws Exception {
        try (Stream<Integer> results = pool.imap(cluster.remotely((Integer i) -> 10 * i),
                () -> Stream.iterate(0, i -> i + 1).iterator())) {
            assertThat(results.limit(5)).containsExactly(0, 10, 20, 30, 40);
        }
    }

    @Test
    void aFailureArrivesWithItsTypeAndMessage() {
        assertThatThrownBy(() -> pool.map(cluster.remotely(RemoteMapTest::fetch), ITEMS))
                .isExactlyInstanceOf(FileNotFoundException.class).hasMessage("no such page")
                .hasStackTraceContaining("RemoteMapTest.fetch");
    }

    private static String fetch(int item) throws IOException {
        throw new FileNotFoundException("no such page");
    }

    @Test
    void anErrorArrivesToo() {
        assertThatThrownBy(() -> pool.map(cluster.remotely((Integer i) -> {
            throw new StackOverflowError("too deep");
        }), ITEMS)).isExactlyInstanceOf(StackOverflowError.class).hasMessage("too deep");
    }

    @Test
    void twoPoolsShareTheSlots() throws Exception {
        try (var other = ThreadPool.ofVirtualThreads(SLOTS)) {
            var later = other.mapAsync(cluster.remotely(RemoteMapTest::meet),
                    ITEMS.subList(0, SLOTS));
            pool.map(cluster.remotely(RemoteMapTest::meet), ITEMS.subList(0, SLOTS));
            later.join();
        }

        assertThat(peaks.values()).containsOnly(THREADS);
    }

    @Test
    void outsideOfAMemberThereIsNoMember() {
        assertThatIllegalStateException().isThrownBy(Cluster::member)
                .withMessage("called from a function that runs on no member");
    }
}

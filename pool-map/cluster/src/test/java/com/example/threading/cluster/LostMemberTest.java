package com.example.threading.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.example.threading.common.FakeLatencyServer;
import com.example.threading.common.Latency;
import com.example.threading.common.Route;
import com.example.threading.poolmap.InterruptibleFunction;
import com.example.threading.poolmap.ThreadPool;
import com.hazelcast.core.HazelcastInstance;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What becomes of the items when members are lost. Each member is a JVM of its own, and dies as by
/// `kill -9`. The server tells which items are on their way, and how often one was asked for.
@Timeout(300)
class LostMemberTest {

    private static final int THREADS = 4;

    @AutoClose
    private final FakeLatencyServer server = new FakeLatencyServer();
    private final Route free = server.route("/free", Latency.none());
    private final Route held = server.route("/held", Latency.none());

    private final List<MemberProcess> members = new ArrayList<>();

    /// The one who hands out the work is the first of the cluster here, and decides alone who has
    /// left it. If it were a member that dies, the others would have to agree on the next one.
    private Cluster start(int count) throws IOException {
        HazelcastInstance driver = Member.found(0);
        try {
            for (int i = 0; i < count; i++) {
                members.add(MemberProcess.start(Integer.toString(THREADS), Member.address(driver)));
            }
            for (MemberProcess member : members) {
                member.address();
            }
            return new Cluster(List.of(), driver);
        } catch (Throwable t) {
            driver.getLifecycleService().terminate();
            throw t;
        }
    }

    /// As a user starts it: the first member, the others, and last the one who hands out the work.
    private Cluster startMembersFirst(int count) throws IOException {
        members.add(MemberProcess.start(Integer.toString(THREADS)));
        String first = members.getFirst().address();
        for (int i = 1; i < count; i++) {
            members.add(MemberProcess.start(Integer.toString(THREADS), first));
        }
        for (MemberProcess member : members) {
            member.address();
        }
        return Cluster.join(List.of(first));
    }

    @AfterEach
    void endAllMembers() {
        members.forEach(MemberProcess::close);
    }

    /// An item: its number, and what it fetches.
    private record Item(int number, URI url) implements Serializable {}

    /// A result: of which item, and from which member.
    private record Result(int number, String member) implements Serializable {}

    private List<Item> items(int from, int to, Route route) {
        return IntStream.range(from, to).mapToObj(i -> new Item(i, route.uri())).toList();
    }

    private static Result fetch(Item item) throws IOException {
        try (InputStream body = item.url.toURL().openStream()) {
            body.readAllBytes();
        }
        return new Result(item.number, Cluster.member());
    }

    @Test
    void aLostMembersItemsGoElsewhereAndTheResultsAreCompleteAndInOrder() throws Exception {
        try (var cluster = startMembersFirst(3);
                var pool = ThreadPool.ofVirtualThreads(cluster.threads())) {
            int slots = cluster.threads();
            List<Item> items = Stream.concat(
                    items(0, slots, free).stream(), items(slots, 4 * slots, held).stream())
                    .toList();
            held.hold();
            var reporter = new CompletableFuture<String>();
            InterruptibleFunction<Item, Result, IOException> remotely = cluster
                    .remotely(LostMemberTest::fetch);
            CompletableFuture<List<Result>> results = pool.mapAsync(item -> {
                Result result = remotely.apply(item);
                reporter.complete(result.member);
                return result;
            }, items);

            // It has reported an item, and all its threads have another one.
            String lost = reporter.join();
            held.awaitInFlight(slots);
            member(lost).kill();
            held.awaitAborted(THREADS);
            held.release();

            assertThat(results.join()).extracting(Result::number)
                    .isEqualTo(items.stream().map(Item::number).toList());
            assertThat(results.join()).extracting(Result::member).contains(lost);
            assertThat(held.accepted()).as("three rounds, and those that were lost, again")
                    .isEqualTo(3 * slots + THREADS);
            assertThat(cluster.threads()).isEqualTo(2 * THREADS);
        }
    }

    private MemberProcess member(String address) throws IOException {
        for (MemberProcess member : members) {
            if (member.address().equals(address)) {
                return member;
            }
        }
        throw new AssertionError("no member at " + address);
    }

    @Test
    void anItemThatEndsItsJvmEndsTheCallAndNotTheCluster() throws Exception {
        try (var cluster = start(4); var pool = ThreadPool.ofVirtualThreads(cluster.threads())) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> pool.map(cluster.remotely(LostMemberTest::endTheJvm),
                            List.of("harmless", "deadly", "harmless")))
                    .withMessage("3 members left while they had the item deadly");

            assertThat(cluster.threads()).isEqualTo(THREADS);
            assertThat(pool.map(cluster.remotely(LostMemberTest::fetch), items(0, 100, free)))
                    .hasSize(100);
        }
    }

    private static int endTheJvm(String item) {
        if (item.equals("deadly")) {
            Runtime.getRuntime().halt(1);
        }
        return item.length();
    }

    @Test
    void withNoMemberLeftTheCallEnds() throws Exception {
        try (var cluster = start(1); var pool = ThreadPool.ofVirtualThreads(2 * THREADS)) {
            held.hold();
            CompletableFuture<List<Result>> results = pool
                    .mapAsync(cluster.remotely(LostMemberTest::fetch), items(0, 100, held));
            // As many workers wait for a result as for a slot.
            held.awaitInFlight(THREADS);
            members.getFirst().kill();

            assertThatExceptionOfType(CompletionException.class).isThrownBy(results::join)
                    .havingCause().isInstanceOf(IllegalStateException.class)
                    .withMessage("no member of the cluster is left");
        }
    }
}

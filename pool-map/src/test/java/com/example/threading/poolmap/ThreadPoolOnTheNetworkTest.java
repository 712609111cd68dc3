package com.example.threading.poolmap;

import static com.example.threading.poolmap.Tasks.awaitUnchecked;
import static com.example.threading.poolmap.Tasks.naturals;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.example.threading.common.Answer;
import com.example.threading.common.Caller;
import com.example.threading.common.FakeLatencyServer;
import com.example.threading.common.FakeLatencyServerExtension;
import com.example.threading.common.Latency;
import com.example.threading.common.NoLeaks;
import com.example.threading.common.Route;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What [ThreadPool] promises, as a server sees it. Where a route is held, its answers wait until
/// the test releases them, so that what is in flight is no matter of time.
@ExtendWith({NoLeaks.class, FakeLatencyServerExtension.class})
@ParameterizedClass
@EnumSource(Pools.class)
class ThreadPoolOnTheNetworkTest {

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .build();

    private final Pools pools;
    private final FakeLatencyServer server;

    ThreadPoolOnTheNetworkTest(Pools pools, FakeLatencyServer server) {
        this.pools = pools;
        this.server = server;
    }

    @AfterEach
    void endTheClient() {
        client.shutdownNow();
    }

    @ParameterizedTest
    @EnumSource
    void asManyRequestsAreInFlightAsThereAreWorkers(Member member) throws Exception {
        Route slow = heldRoute("/slow");
        try (var pool = pools.of(4)) {
            Caller<List<String>> caller = Caller.of(
                    () -> member.call(pool, this::fetch, Collections.nCopies(12, slow.uri())));
            for (int answered = 0; answered < 12; answered += 4) {
                slow.awaitInFlight(4);
                slow.release(4);
                slow.awaitAnswered(answered + 4);
            }

            assertThat(caller.result()).hasSize(12);
            assertThat(slow.peakInFlight()).isEqualTo(4);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFailedRequestAbortsThoseInFlightAndNothingMoreIsAskedFor(Member member)
            throws Exception {
        Route slow = heldRoute("/slow");
        Route failing = server.route("/failing", Latency.none(), Answer.status(500));
        failing.hold();
        try (var pool = pools.of(3)) {
            Caller<?> caller = Caller.of(() -> member.call(pool, this::fetch, List.of(
                    slow.uri(), slow.uri(), failing.uri(), slow.uri(), slow.uri(), slow.uri())));
            server.awaitInFlight(3);

            failing.release();

            assertThat(caller.failure()).isExactlyInstanceOf(IOException.class)
                    .hasMessage(failing.uri() + " answered 500");
            slow.awaitAborted(2);
            assertThat(slow.accepted()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void interruptingTheCallerAbortsItsRequests(Member member) throws Exception {
        Route slow = heldRoute("/slow");
        try (var pool = pools.of(2)) {
            Caller<?> caller = Caller.of(
                    () -> member.call(pool, this::fetch, Collections.nCopies(6, slow.uri())));
            slow.awaitInFlight(2);

            caller.interrupt();

            assertThat(caller.failure()).isExactlyInstanceOf(InterruptedException.class);
            slow.awaitAborted(2);
            assertThat(slow.accepted()).isEqualTo(2);
        }
    }

    @Test
    void cancellingTheFutureAbortsItsRequests() throws Exception {
        Route slow = heldRoute("/slow");
        try (var pool = pools.of(2)) {
            CompletableFuture<List<String>> future = pool.mapAsync(this::fetch,
                    Collections.nCopies(6, slow.uri()));
            slow.awaitInFlight(2);

            future.cancel(true);

            slow.awaitAborted(2);
        }
        assertThat(slow.accepted()).isEqualTo(2);
    }

    @Test
    void closingAStreamAbortsItsRequests() throws Exception {
        Route slow = heldRoute("/slow");
        try (var pool = pools.of(2)) {
            var windowIsFull = new CountDownLatch(4);
            try (Stream<String> results = pool.imapUnordered(_ -> fetch(slow.uri()),
                    naturals(windowIsFull))) {
                Iterator<String> reader = results.iterator();
                Thread.startVirtualThread(() -> {
                    awaitUnchecked(windowIsFull);
                    slow.release(1);
                });
                assertThat(reader.next()).isEqualTo("this is /slow\n");
                slow.awaitInFlight(2);
            }

            slow.awaitAborted(2);
            assertThat(slow.answered()).isOne();
        }
    }

    @Test
    void terminatingThePoolAbortsItsRequests() throws Exception {
        Route slow = heldRoute("/slow");
        try (var pool = pools.of(2)) {
            var future = pool.mapAsync(this::fetch, Collections.nCopies(6, slow.uri()));
            slow.awaitInFlight(2);

            pool.terminate();

            slow.awaitAborted(2);
            assertThat(future).isCancelled();
        }
        assertThat(slow.accepted()).isEqualTo(2);
    }

    @Test
    void fiveHundredVirtualWorkersHaveFiveHundredRequestsInFlight() throws Exception {
        Route slow = heldRoute("/slow");
        try (var pool = ThreadPool.ofVirtualThreads(500)) {
            var future = pool.mapAsync(this::fetch, Collections.nCopies(500, slow.uri()));
            slow.awaitInFlight(500);

            slow.release();

            assertThat(future.join()).hasSize(500);
        }
    }

    @Test
    void aResetConnectionIsAFailure() {
        Route broken = server.route("/broken", Latency.none(), Answer.resetAfter("page", 2));
        try (var pool = pools.of(2)) {
            assertThat(catchThrowable(() -> pool.map(this::fetch, List.of(broken.uri()))))
                    .isInstanceOf(IOException.class);
        }
    }

    private Route heldRoute(String path) {
        Route route = server.route(path, Latency.none());
        route.hold();
        return route;
    }

    private String fetch(URI url) throws IOException, InterruptedException {
        HttpResponse<String> response = client.send(HttpRequest.newBuilder(url).build(),
                BodyHandlers.ofString());
        if (response.statusCode() >= 400) {
            throw new IOException(url + " answered " + response.statusCode());
        }
        return response.body();
    }
}

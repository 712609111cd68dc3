package com.example.threading.common;

import static com.example.threading.common.Exchange.Outcome.ABORTED;
import static com.example.threading.common.Exchange.Outcome.ANSWERED;
import static com.example.threading.common.Exchange.Outcome.CUT_OFF;
import static com.example.threading.common.Exchange.Outcome.PENDING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class FakeLatencyServerTest {
    @AutoClose
    final FakeLatencyServer server = new FakeLatencyServer();

    /// Offers an upgrade to h2c with every first request, as it does unless told otherwise.
    final HttpClient client = HttpClient.newHttpClient();

    @AfterEach
    void abortWhatIsOutstanding() {
        client.shutdownNow();
    }

    @Test
    void aRouteAnswers200AndNamesItsPath() throws Exception {
        server.route("/a", Latency.none());

        HttpResponse<String> response = get("/a");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).contains("/a");
        assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
    }

    @Test
    void anAnswerIsNeverEarly() throws Exception {
        Duration asked = Duration.ofMillis(3);
        server.route("/a", Latency.fixed(asked));
        try (var raw = new RawClient(server)) {
            for (int i = 0; i < 100; i++) {
                long start = System.nanoTime();
                raw.get("/a").readThrough("/a\n");
                assertThat(Duration.ofNanos(System.nanoTime() - start))
                        .isGreaterThanOrEqualTo(asked);
            }
        }
        assertThat(server.log()).allSatisfy(exchange -> assertThat(exchange.ended())
                .isGreaterThanOrEqualTo(exchange.arrived().plus(exchange.planned())));
    }

    @Test
    void aQueryBelongsToTheRouteOfItsPath() throws Exception {
        server.route("/a", Latency.none());

        assertThat(get("/a?x=1&y=2").statusCode()).isEqualTo(200);
        assertThat(server.route("/a").log().getFirst().note()).isEqualTo("GET /a?x=1&y=2");
    }

    @Test
    void heldAnswersWaitForTheirRelease() throws Exception {
        Route route = server.route("/a", Latency.none());
        route.hold();
        try (var first = new RawClient(server).get("/a")) {
            route.awaitInFlight(1);
            try (var second = new RawClient(server).get("/a");
                    var third = new RawClient(server).get("/a")) {
                route.awaitInFlight(3);
                assertThat(route.log()).extracting(Exchange::outcome).containsOnly(PENDING);

                route.release(1);
                assertThat(first.readThrough("/a\n")).startsWith("HTTP/1.1 200");
                assertThat(route.inFlight()).isEqualTo(2);

                route.release();
                second.readThrough("/a\n");
                third.readThrough("/a\n");
                get("/a");
                assertThat(route.answered()).isEqualTo(4);
                assertThat(route.peakInFlight()).isEqualTo(3);
            }
        }
    }

    @Test
    void releasedAnswersAreThoseThatWaitedLongest() throws Exception {
        Route route = server.route("/a", Latency.none());
        route.hold();
        try (var first = new RawClient(server).get("/a")) {
            route.awaitInFlight(1);
            try (var second = new RawClient(server).get("/a")) {
                route.awaitInFlight(2);
                first.reset();
                route.awaitAborted(1);
                try (var third = new RawClient(server).get("/a")) {
                    route.awaitInFlight(2);

                    route.release(1);

                    second.readThrough("/a\n");
                    assertThat(route.log()).extracting(Exchange::outcome).containsExactly(ABORTED,
                            ANSWERED,
                            PENDING);
                    third.reset();
                }
            }
        }
    }

    @Test
    void aReleaseBeforeItsRequestLetsItThrough() throws Exception {
        Route route = server.route("/a", Latency.none());
        route.hold();
        route.release(2);

        get("/a");
        get("/a");

        try (var third = new RawClient(server)) {
            third.get("/a");
            route.awaitInFlight(1);
            assertThat(route.answered()).isEqualTo(2);
        }
    }

    @Test
    void numbersAreKeptForEachRouteAndInAll() throws Exception {
        Route a = server.route("/a", Latency.none());
        Route slow = server.route("/slow", Latency.fixed(Duration.ofHours(1)));
        try (var raw = new RawClient(server)) {
            raw.get("/slow");
            slow.awaitInFlight(1);
            get("/a");
            get("/a");
            client.send(HttpRequest.newBuilder(server.uri().resolve("/none")).build(),
                    BodyHandlers.discarding());

            assertThat(List.of(a.accepted(), a.answered(), a.inFlight(), a.peakInFlight()))
                    .containsExactly(2, 2, 0, 1);
            assertThat(List.of(slow.accepted(), slow.answered(), slow.inFlight()))
                    .containsExactly(1, 0, 1);
            assertThat(List.of(server.accepted(), server.answered(), server.inFlight(),
                    server.peakInFlight()))
                    .containsExactly(3, 2, 1, 2);
            assertThat(a.log()).extracting(Exchange::attempt).containsExactly(1, 2);
            assertThat(server.log()).extracting(Exchange::route).containsExactly("/slow", "/a",
                    "/a", "/none");
        }
        slow.awaitAborted(1);
        assertThat(server.aborted()).isEqualTo(1);
        assertThat(a.aborted()).isZero();
    }

    @Test
    void aDelayThatEndsSoonerIsAnsweredSooner() throws Exception {
        server.route("/a", Latency.sequence(Duration.ofHours(1), Duration.ofMillis(5)));
        try (var first = new RawClient(server).get("/a")) {
            server.awaitInFlight(1);

            get("/a");

            assertThat(server.log()).extracting(Exchange::outcome).containsExactly(PENDING,
                    ANSWERED);
            first.reset();
        }
    }

    @Test
    void anErrorOnTheServersThreadReachesWhoeverAsksNext() throws Exception {
        var boom = new AssertionError("boom");
        var broken = new FakeLatencyServer();
        try (var raw = new RawClient(broken)) {
            broken.execute(() -> {
                throw boom;
            });

            assertThatThrownBy(() -> broken.awaitAnswered(1)).hasMessageContaining("died")
                    .hasCause(boom);
            assertThat(raw.readAll()).isEmpty();
            assertThatThrownBy(broken::log).hasCause(boom);
            assertThatThrownBy(broken::reset).hasCause(boom);
        } finally {
            assertThatThrownBy(broken::close).hasCause(boom);
        }
    }

    @Test
    void anAwaitIsInterruptible() throws Exception {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> server.awaitAnswered(1)).isInstanceOf(InterruptedException.class);
    }

    @Test
    void anAwaitOnAClosedServerFailsAtOnce() {
        server.close();

        assertThatThrownBy(() -> server.awaitAnswered(1)).isInstanceOf(AssertionError.class)
                .hasMessageContaining("closed");
    }

    @Test
    void anAnsweredExchangeIsInTheLogWhenItsClientHasTheAnswer() throws Exception {
        server.route("/a", Latency.none());
        for (int i = 1; i <= 200; i++) {
            get("/a");
            assertThat(server.answered()).isEqualTo(i);
            assertThat(server.inFlight()).isZero();
        }
        assertThat(server.peakInFlight()).isEqualTo(1);
        assertThat(server.log()).extracting(Exchange::outcome).containsOnly(ANSWERED);
        assertThat(server.log()).extracting(Exchange::connection).containsOnly(1);
    }

    @Test
    void aHangUpIsSeenWhileTheAnswerIsPending() throws Exception {
        Route route = server.route("/a", Latency.fixed(Duration.ofHours(1)));
        var request = client.sendAsync(HttpRequest.newBuilder(route.uri()).build(),
                BodyHandlers.discarding());
        route.awaitInFlight(1);

        request.cancel(true);

        route.awaitAborted(1);
        assertThat(route.log()).extracting(Exchange::outcome).containsExactly(ABORTED);
        assertThat(route.inFlight()).isZero();
    }

    @Test
    void anAwaitThatFailsShowsTheLog() throws Exception {
        try (var impatient = new FakeLatencyServer(1, Duration.ofMillis(10));
                var raw = new RawClient(impatient)) {
            impatient.route("/a", Latency.none());
            raw.get("/a").readThrough("/a\n");

            assertThatThrownBy(() -> impatient.awaitAnswered(2)).isInstanceOf(AssertionError.class)
                    .hasMessageContaining("2 answered").hasMessageContaining("/a #1")
                    .hasMessageContaining("ANSWERED");
        }
    }

    @Test
    void closeEndsWhatIsPendingAndLeavesNothing() throws Exception {
        server.route("/a", Latency.fixed(Duration.ofHours(1)));
        try (var raw = new RawClient(server).get("/a")) {
            server.awaitInFlight(1);

            server.close();
            server.close();

            assertThat(raw.readAll()).isEmpty();
        }
        assertThat(server.log()).extracting(Exchange::outcome).containsExactly(CUT_OFF);
        assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName)
                .doesNotContain("fake-latency-server-" + server.uri().getPort());
        assertThatThrownBy(() -> new RawClient(server))
                .isInstanceOf(ConnectException.class);
    }

    @Test
    void oneThreadServesAllConnections() throws Exception {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        var clients = new ArrayList<RawClient>();
        try (var other = new FakeLatencyServer()) {
            Route route = other.route("/a", Latency.none());
            route.hold();
            for (int i = 0; i < 100; i++) {
                clients.add(new RawClient(other).get("/a"));
            }
            route.awaitInFlight(100);

            assertThat(Thread.getAllStackTraces().keySet()).filteredOn(t -> !before.contains(t))
                    .extracting(Thread::getName)
                    .containsExactly("fake-latency-server-" + other.uri().getPort());
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    @Test
    void closeLeavesNoSocket() throws Exception {
        var system = ManagementFactory.getOperatingSystemMXBean();
        assumeTrue(system instanceof UnixOperatingSystemMXBean, "counts file descriptors");
        var unix = (UnixOperatingSystemMXBean) system;
        long before = unix.getOpenFileDescriptorCount();
        for (int i = 0; i < 20; i++) {
            RawClient raw;
            try (var other = new FakeLatencyServer()) {
                other.route("/a", Latency.fixed(Duration.ofHours(1)));
                raw = new RawClient(other).get("/a");
                other.awaitInFlight(1);
            }
            try (raw) {
                assertThat(raw.readAll()).isEmpty();
            }
        }
        // A leak of one of each server's sockets would be 20.
        assertThat(unix.getOpenFileDescriptorCount()).isLessThan(before + 10);
    }

    @Test
    void resetForgetsAndTheServerGoesOn() throws Exception {
        server.route("/a", Latency.fixed(Duration.ofHours(1)));
        try (var raw = new RawClient(server).get("/a")) {
            server.awaitInFlight(1);

            server.reset();
            server.reset();

            assertThat(raw.readAll()).isEmpty();
        }
        assertThat(server.log()).isEmpty();
        assertThat(server.inFlight() + server.peakInFlight() + server.accepted()).isZero();
        server.route("/a", Latency.none());
        assertThat(get("/a").statusCode()).isEqualTo(200);

        server.close();
        server.reset();
        assertThat(server.log()).isEmpty();
    }

    @Test
    void wrongRoutesAreRefusedWithTheValue() {
        server.route("/a", Latency.none());

        assertThatThrownBy(() -> server.route("/a", Latency.none())).hasMessageContaining("/a");
        assertThatThrownBy(() -> server.route("a", Latency.none())).hasMessageContaining("it is a");
        assertThatThrownBy(() -> server.route("/a b", Latency.none())).hasMessageContaining("/a b");
        assertThatThrownBy(() -> server.route("/%zz", Latency.none())).hasMessageContaining("/%zz");
        assertThatThrownBy(() -> server.route("/a?x", Latency.none())).hasMessageContaining("/a?x");
        assertThatThrownBy(() -> server.route("/ä", Latency.none())).hasMessageContaining("/ä");
        assertThatThrownBy(() -> server.route("//a", Latency.none())).hasMessageContaining("//a");
        assertThatThrownBy(() -> server.route("/b")).hasMessageContaining("[/a]")
                .hasMessageContaining("/b");
        assertThatThrownBy(() -> server.uri("/b?x")).hasMessageContaining("/b");
        assertThatThrownBy(() -> Latency.fixed(Duration.ofMillis(-1)))
                .hasMessageContaining("PT-0.001S");
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(server.uri(path)).build(),
                BodyHandlers.ofString());
    }
}

package com.example.threading.common;

import static com.example.threading.common.Exchange.Outcome.ABORTED;
import static com.example.threading.common.Exchange.Outcome.ANSWERED;
import static com.example.threading.common.Exchange.Outcome.CUT_OFF;
import static com.example.threading.common.Exchange.Outcome.PENDING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

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
        Route route = server.route("/a", Latency.fixed(Duration.ofMillis(20)));
        get("/a");

        long start = System.nanoTime();
        get("/a");

        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isGreaterThanOrEqualTo(Duration.ofMillis(20));
        assertThat(route.log()).allSatisfy(exchange -> assertThat(exchange.ended())
                .isGreaterThanOrEqualTo(exchange.arrived().plus(exchange.planned())));
    }

    @Test
    void eachAttemptGetsItsAnswerAndTheLastRepeats() throws Exception {
        server.route("/a", Latency.none(), Answer.status(503).header("Retry-After", "1"),
                Answer.ok("fine"));

        HttpResponse<String> first = get("/a");
        assertThat(first.statusCode()).isEqualTo(503);
        assertThat(first.headers().firstValue("Retry-After")).hasValue("1");
        assertThat(get("/a").body()).isEqualTo("fine");
        assertThat(get("/a").body()).isEqualTo("fine");
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
                assertThat(route.answered()).isEqualTo(3);
                assertThat(route.peakInFlight()).isEqualTo(3);
            }
        }
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
    }

    @Test
    void wrongRoutesAreRefusedWithTheValue() {
        server.route("/a", Latency.none());

        assertThatThrownBy(() -> server.route("/a", Latency.none())).hasMessageContaining("/a");
        assertThatThrownBy(() -> server.route("a", Latency.none())).hasMessageContaining("it is a");
        assertThatThrownBy(() -> server.route("/b")).hasMessageContaining("[/a]")
                .hasMessageContaining("/b");
        assertThatThrownBy(() -> server.uri("/b?x")).hasMessageContaining("/b");
        assertThatThrownBy(() -> Latency.fixed(Duration.ofMillis(-1)))
                .hasMessageContaining("PT-0.001S");
    }

    @Test
    void theSameSeedGivesTheSameDelays() {
        Latency latency = Latency.logNormal(Duration.ofMillis(100), Duration.ofMillis(900),
                Duration.ofSeconds(2));
        List<Duration> delays = server.route("/a", latency).plannedDelays(1000);

        try (var again = new FakeLatencyServer()) {
            assertThat(again.route("/a", latency).plannedDelays(1000)).isEqualTo(delays);
            assertThat(again.route("/b", latency).plannedDelays(1000)).isNotEqualTo(delays);
        }
        assertThat(delays).allMatch(d -> d.compareTo(Duration.ofSeconds(2)) <= 0);
        assertThat(delays.stream().sorted().toList().get(500)).isBetween(Duration.ofMillis(80),
                Duration.ofMillis(120));
    }

    @Test
    void makespanIsThatOfGreedyListScheduling() {
        List<Duration> delays = List.of(Duration.ofMillis(3), Duration.ofMillis(2),
                Duration.ofMillis(2));

        assertThat(Makespan.of(delays, 1)).isEqualTo(Duration.ofMillis(7));
        assertThat(Makespan.of(delays, 2)).isEqualTo(Duration.ofMillis(4));
        assertThat(Makespan.of(delays, 9)).isEqualTo(Duration.ofMillis(3));
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(server.uri(path)).build(),
                BodyHandlers.ofString());
    }
}

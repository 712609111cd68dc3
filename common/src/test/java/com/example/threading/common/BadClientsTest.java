package com.example.threading.common;

import static com.example.threading.common.Exchange.Outcome.ABORTED;
import static com.example.threading.common.Exchange.Outcome.ANSWERED;
import static com.example.threading.common.Exchange.Outcome.CUT_OFF;
import static com.example.threading.common.Exchange.Outcome.REFUSED;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Whatever a client does, it leaves one line in the log, and the server goes on serving.
@ExtendWith({NoLeaks.class, FakeLatencyServerExtension.class})
class BadClientsTest {
    private final FakeLatencyServer server;

    BadClientsTest(FakeLatencyServer server) {
        this.server = server;
    }

    @BeforeEach
    void addRoutes() {
        server.route("/a", Latency.none());
        server.route("/slow", Latency.fixed(Duration.ofHours(1)));
    }

    @AfterEach
    void theServerGoesOnServing() throws Exception {
        try (var raw = new RawClient(server)) {
            assertThat(raw.get("/a").readThrough("/a\n")).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void garbageIs400AndTheConnectionIsClosed() throws Exception {
        try (var raw = new RawClient(server)) {
            assertThat(raw.send("nonsense\r\n").readAll()).startsWith("HTTP/1.1 400")
                    .contains("Connection: close", "bad request line: nonsense");
        }
        assertRefused("400 bad request line: nonsense");
    }

    @Test
    void aHeadPastItsCapIs431() throws Exception {
        try (var raw = new RawClient(server)) {
            assertThat(raw.send("GET /" + "x".repeat(100_000)).readAll())
                    .startsWith("HTTP/1.1 431");
        }
        assertRefused("431");
    }

    @Test
    void aBodyPastItsCapIs413EvenIfTheClientSendsItAll() throws Exception {
        try (var raw = new RawClient(server)) {
            raw.send("POST /a HTTP/1.1\r\nContent-Length: 2000000\r\n\r\n")
                    .send("x".repeat(2_000_000));
            assertThat(raw.readAll()).startsWith("HTTP/1.1 413");
        }
        assertRefused("413");
    }

    @Test
    void aPathWithoutRouteIs404AndTheConnectionIsKept() throws Exception {
        try (var raw = new RawClient(server)) {
            assertThat(raw.get("/none?x").readThrough("/none")).startsWith("HTTP/1.1 404");
            assertThat(raw.get("/a").readThrough("/a\n")).startsWith("HTTP/1.1 200");
        }
        assertThat(server.log().getFirst().route()).isEqualTo("/none");
        assertThat(server.log().getFirst().note()).isEqualTo("404 no such route: GET /none?x");
        assertThat(server.accepted()).isEqualTo(1);
    }

    @Test
    void aClientThatSaysNothingIsKeptUntilItHangsUp() throws Exception {
        try (var silent = new RawClient(server); var other = new RawClient(server)) {
            other.get("/a").readThrough("/a\n");
            silent.finishSending();
            assertThat(silent.readAll()).isEmpty();
        }
        assertThat(server.log()).extracting(Exchange::note).contains("hung up without a request");
    }

    @Test
    void aClientThatHangsUpInTheMiddleOfARequestIsRefused() throws Exception {
        try (var raw = new RawClient(server)) {
            raw.get("/a").readThrough("/a\n");
            assertThat(raw.send("GET /a HT").finishSending().readAll()).isEmpty();
        }
        assertThat(server.log().getLast().note()).isEqualTo("hung up in the middle of a request");
    }

    @Test
    void aClientThatHangsUpInTheMiddleOfItsFirstRequestIsRefused() throws Exception {
        try (var raw = new RawClient(server)) {
            assertThat(raw.send("GET /a HT").finishSending().readAll()).isEmpty();
        }
        assertRefused("hung up in the middle of a request");
    }

    @Test
    void anIdleConnectionThatIsClosedLeavesNoLine() throws Exception {
        try (var raw = new RawClient(server)) {
            raw.get("/a").readThrough("/a\n");
            assertThat(raw.finishSending().readAll()).isEmpty();
        }
        assertThat(server.log()).hasSize(1);
    }

    @Test
    void aHalfClosedClientHasHungUp() throws Exception {
        try (var raw = new RawClient(server)) {
            assertThat(raw.get("/slow").finishSending().readAll()).isEmpty();
        }
        server.awaitAborted(1);
        assertThat(server.log()).extracting(Exchange::outcome).containsExactly(ABORTED);
    }

    @Test
    void aClientThatResetsHasHungUp() throws Exception {
        try (var raw = new RawClient(server)) {
            raw.get("/slow");
            server.awaitInFlight(1);
            raw.reset();
        }
        server.awaitAborted(1);
        assertThat(server.inFlight()).isZero();
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() throws Exception {
        server.route("/later", Latency.fixed(Duration.ofMillis(20)));
        String later = "GET /later HTTP/1.1\r\n\r\n";
        String a = "GET /a HTTP/1.1\r\n\r\n";
        try (var raw = new RawClient(server)) {
            String answers = raw.send(later + a + later + a.substring(0, 9)).readThrough("/later\n")
                    + raw.readThrough("/a\n") + raw.readThrough("/later\n")
                    + raw.send(a.substring(9)).readThrough("/a\n");
            assertThat(answers).containsSubsequence("/later\n", "/a\n", "/later\n", "/a\n");
        }
        assertThat(server.log()).extracting(Exchange::route).containsExactly("/later", "/a",
                "/later", "/a");
        assertThat(server.peakInFlight()).isEqualTo(1);
    }

    @Test
    void aClientThatTakesTheServerForItsProxyIsServedByTheRouteOfThePath() throws Exception {
        try (var raw = new RawClient(server)) {
            raw.send("GET http://example.org/a?x HTTP/1.1\r\nHost: example.org\r\n\r\n")
                    .readThrough("/a\n");
        }
        Exchange exchange = server.route("/a").log().getFirst();
        assertThat(exchange.target()).isEqualTo("http://example.org/a?x");
        assertThat(exchange.note()).isEqualTo("GET http://example.org/a?x");
    }

    @Test
    void aLineOfTheLogIsPrintableAndNotLongWhateverTheClientAskedFor() throws Exception {
        String strange = "/\u0085\u009b2J\u007f" + "x".repeat(10_000);
        try (var raw = new RawClient(server)) {
            raw.get(strange).readThrough("x...");
            raw.get("/a?" + strange).readThrough("/a\n");
        }
        assertThat(server.log()).hasSize(2).allSatisfy(exchange -> {
            assertThat(exchange.note()).matches("[ -~]{1,120}");
            assertThat(exchange.toString()).matches("[ -~]{1,300}");
        });
        assertThat(server.log().getFirst().note()).matches("404 .*");
        assertThat(server.log().getLast().target()).hasSizeGreaterThan(10_000);
    }

    /// More than may wait ahead of an answer: what is answered at once need not wait.
    @Test
    void aBurstOfAnyLengthIsServed() throws Exception {
        int requests = 10_000;
        try (var raw = new RawClient(server)) {
            var burst = Caller.of(() -> raw.send("GET /a HTTP/1.1\n\n".repeat(requests)));
            for (int i = 0; i < requests; i++) {
                raw.readThrough("/a\n");
            }
            burst.result();
        }
        assertThat(server.log()).hasSize(requests).extracting(Exchange::outcome)
                .containsOnly(ANSWERED);
    }

    @Test
    void aClientThatSendsTooMuchAheadOfItsAnswerIsCutOff() throws Exception {
        try (var raw = new RawClient(server)) {
            raw.get("/slow");
            server.awaitInFlight(1);
            raw.send("x".repeat(70_000));
            server.awaitInFlight(0);
        }
        assertThat(server.log()).extracting(Exchange::outcome).containsExactly(CUT_OFF, REFUSED);
    }

    @Test
    void anOlderClientIsServedAndItsConnectionClosed() throws Exception {
        try (var raw = new RawClient(server)) {
            assertThat(raw.send("GET /a HTTP/1.0\r\n\r\n").readAll()).startsWith("HTTP/1.1 200")
                    .endsWith("/a\n");
        }
        assertThat(server.answered()).isEqualTo(1);
    }

    @Test
    void aLargeAnswerWaitsForASlowReader() throws Exception {
        String body = "x".repeat(20_000_000);
        server.route("/large", Latency.none(), Answer.ok(body));
        try (var raw = new RawClient(server); var other = new RawClient(server)) {
            raw.send("GET /large HTTP/1.0\r\n\r\n").readThrough("\r\n\r\n");
            other.get("/a").readThrough("/a\n");
            assertThat(server.route("/large").inFlight()).isEqualTo(1);
            assertThat(raw.readAll()).hasSameSizeAs(body);
        }
        assertThat(server.route("/large").answered()).isEqualTo(1);
    }

    @Test
    void aSmallAnswerDoesNotWaitForAllOfALargeOne() throws Exception {
        String body = "x".repeat(1_000_000);
        Route route = server.route("/both", Latency.none(), Answer.ok(body), Answer.ok("small"));
        route.hold();
        try (var large = new RawClient(server).send("GET /both HTTP/1.0\r\n\r\n")) {
            route.awaitInFlight(1);
            try (var small = new RawClient(server).get("/both")) {
                route.awaitInFlight(2);
                // Both are to be sent at once, the large one first; the network would take it whole.
                route.release();
                small.readThrough("small");
                assertThat(large.readAll()).endsWith(body);
            }
        }
        List<Exchange> log = route.log();
        assertThat(log.getLast().ended()).isLessThan(log.getFirst().ended());
    }

    private void assertRefused(String note) {
        assertThat(server.log()).singleElement().satisfies(line -> {
            assertThat(line.outcome()).isEqualTo(REFUSED);
            assertThat(line.note()).startsWith(note);
        });
        assertThat(server.accepted()).isZero();
    }
}

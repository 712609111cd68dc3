package com.example.threading.common;

import static com.example.threading.common.Exchange.Outcome.ABORTED;
import static com.example.threading.common.Exchange.Outcome.ANSWERED;
import static com.example.threading.common.Exchange.Outcome.FAULTED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.SocketException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What the JDK's client makes of each answer; by default it asks for HTTP/2 first.
@ParameterizedClass
@EnumSource(value = HttpClient.Version.class, names = {"HTTP_1_1", "HTTP_2"})
@ExtendWith({NoLeaks.class, FakeLatencyServerExtension.class})
class AnswerTest {
    private static final Duration PAUSE = Duration.ofMillis(5);

    private final FakeLatencyServer server;
    private final HttpClient client;

    AnswerTest(HttpClient.Version version, FakeLatencyServer server) {
        this.server = server;
        client = HttpClient.newBuilder().version(version).build();
    }

    @AfterEach
    void disconnect() {
        client.shutdownNow();
    }

    @Test
    void statusHeadersAndBodyArrive() throws Exception {
        server.route("/a", Latency.none(), Answer.status(429, "später").header("Retry-After", "7"));

        HttpResponse<String> response = get();

        assertThat(response.statusCode()).isEqualTo(429);
        assertThat(response.headers().firstValue("Retry-After")).hasValue("7");
        assertThat(response.body()).isEqualTo("später");
        assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
    }

    @Test
    void aHeaderThatIsGivenReplacesTheOneThatWouldBeSent() throws Exception {
        server.route("/a", Answer.ok("{}").header("content-TYPE", "application/json"),
                Answer.ok("text").header("Set-Cookie", "a=1").header("Set-Cookie", "b=2"));

        assertThat(get().headers().allValues("Content-Type")).containsExactly("application/json");
        HttpResponse<String> other = get();
        assertThat(other.headers().allValues("Content-Type"))
                .containsExactly("text/plain; charset=utf-8");
        assertThat(other.headers().allValues("Set-Cookie")).containsExactly("a=1", "b=2");
    }

    @Test
    void anAnswerThatSaysCloseClosesTheConnection() throws Exception {
        server.route("/a", Answer.ok("bye\n").header("connection", "x, Close"),
                Answer.ok("bye\n").header("Connection", "x").header("Connection", "close"),
                Answer.ok("hello\n").header("Connection", "closer"));
        for (int i = 0; i < 2; i++) {
            try (var raw = new RawClient(server)) {
                assertThat(raw.get("/a").readAll()).endsWith("bye\n");
            }
        }
        try (var raw = new RawClient(server)) {
            raw.get("/a").readThrough("hello\n");
            raw.get("/a").readThrough("hello\n");
        }
    }

    @Test
    void theLogHasMethodTargetHeadersAndBodyOfARequest() throws Exception {
        Route route = server.route("/a", Answer.ok("x"));
        HttpRequest sent = HttpRequest.newBuilder(server.uri("/a?q=1")).header("X-Id", "7")
                .header("x-id", "8").method("PATCH", BodyPublishers.ofString("f\u00fcnf")).build();

        client.send(sent, BodyHandlers.discarding());

        Exchange exchange = route.log().getFirst();
        assertThat(exchange.method()).isEqualTo("PATCH");
        assertThat(exchange.target()).isEqualTo("/a?q=1");
        assertThat(exchange.headers().allValues("x-ID")).containsExactly("7", "8");
        assertThat(exchange.headers().firstValue("content-length")).hasValue("5");
        assertThat(exchange.body()).isEqualTo("f\u00fcnf");
        assertThat(exchange.note()).isEqualTo("PATCH /a?q=1");
    }

    @Test
    void aResponseWithoutBodyLeavesTheConnectionUsable() throws Exception {
        server.route("/a", Latency.none(), Answer.status(204), Answer.status(304), Answer.ok(""),
                Answer.ok("b"));

        assertThat(get().statusCode()).isEqualTo(204);
        assertThat(get().statusCode()).isEqualTo(304);
        assertThat(get().body()).isEmpty();
        assertThat(get().body()).isEqualTo("b");
        assertThat(server.log()).extracting(Exchange::connection).containsOnly(1);
    }

    @Test
    void eachAttemptGetsItsAnswerAndTheLastRepeats() throws Exception {
        server.route("/a", Latency.none(), Answer.status(503), Answer.ok("fine"));

        assertThat(get().statusCode()).isEqualTo(503);
        assertThat(get().body()).isEqualTo("fine");
        assertThat(get().body()).isEqualTo("fine");
    }

    @Test
    void aSlowDripArrivesWholeAndNotBeforeItsPauses() throws Exception {
        server.route("/a", Latency.none(), Answer.slowDrip("dripping", 4, PAUSE));

        assertThat(get().body()).isEqualTo("dripping");
        Exchange exchange = server.log().getFirst();
        assertThat(exchange.outcome()).isEqualTo(ANSWERED);
        assertThat(exchange.ended())
                .isGreaterThanOrEqualTo(exchange.arrived().plus(PAUSE.multipliedBy(4)));
    }

    @Test
    void aGetThatMeetsAResetIsRepeatedOnceByTheClient() throws Exception {
        server.route("/a", Latency.none(), Answer.reset(), Answer.ok("second"));

        assertThat(get().body()).isEqualTo("second");
        assertThat(server.log()).extracting(Exchange::outcome).containsExactly(FAULTED, ANSWERED);
    }

    @Test
    void aGetThatMeetsAnEmptyResponseIsRepeatedOnceByTheClient() throws Exception {
        server.route("/a", Latency.none(), Answer.empty(), Answer.ok("second"));

        assertThat(get().body()).isEqualTo("second");
        assertThat(server.log()).extracting(Exchange::outcome).containsExactly(FAULTED, ANSWERED);
    }

    @Test
    void aPostThatMeetsAResetFails() {
        server.route("/a", Latency.none(), Answer.reset());

        assertThatIOException().isThrownBy(this::post);
        assertThat(server.log()).extracting(Exchange::outcome).containsExactly(FAULTED);
    }

    @Test
    void aPostThatMeetsAnEmptyResponseFails() {
        server.route("/a", Latency.none(), Answer.empty());

        assertThatIOException().isThrownBy(this::post);
        assertThat(server.log()).extracting(Exchange::outcome).containsExactly(FAULTED);
    }

    @Test
    void aResetInTheBodyFails() {
        server.route("/a", Latency.none(), Answer.resetAfter("0123456789", 4));

        assertThatIOException().isThrownBy(this::get).withStackTraceContaining("Connection reset");
        assertThat(server.log()).extracting(Exchange::outcome).containsExactly(FAULTED);
    }

    @Test
    void aTruncatedBodyFails() {
        server.route("/a", Latency.none(), Answer.truncated("0123456789", 4));

        assertThatIOException().isThrownBy(this::get).withMessageContaining("4");
        assertThat(server.log()).extracting(Exchange::outcome).containsExactly(FAULTED);
    }

    @Test
    void aMalformedStatusLineFails() {
        server.route("/a", Latency.none(), Answer.malformedStatusLine());

        assertThatIOException().isThrownBy(this::get).withMessageContaining("status line");
        assertThat(server.log()).extracting(Exchange::outcome).containsExactly(FAULTED);
    }

    @Test
    void whatIsNeverAnsweredStaysInFlightUntilItsClientHangsUp() throws Exception {
        server.route("/a", Latency.none(), Answer.never());
        var response = client.sendAsync(request().build(), BodyHandlers.ofString());
        server.awaitInFlight(1);

        response.cancel(true);

        server.awaitAborted(1);
        assertThat(server.log()).extracting(Exchange::outcome).containsExactly(ABORTED);
    }

    @Test
    void aHangUpWhileTheAnswerDripsIsSeen() throws Exception {
        server.route("/a", Latency.none(), Answer.slowDrip("drip", 4, Duration.ofHours(1)));
        var response = client.sendAsync(request().build(), BodyHandlers.ofString());
        server.awaitInFlight(1);

        response.cancel(true);

        server.awaitAborted(1);
    }

    @Test
    void headHasNoBody() throws Exception {
        server.route("/a", Latency.none(), Answer.ok("body"), Answer.slowDrip("body", 2, PAUSE),
                Answer.ok("x"));

        for (int i = 0; i < 2; i++) {
            var response = client.send(request().HEAD().build(), BodyHandlers.ofString());
            assertThat(response.headers().firstValue("Content-Length")).hasValue("4");
            assertThat(response.body()).isEmpty();
        }
        assertThat(get().body()).isEqualTo("x");
        assertThat(server.log()).extracting(Exchange::connection).containsOnly(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void headHasNoBodyEvenIfTheAnswerBreaksOffInIt(boolean reset) throws Exception {
        server.route("/a", reset
                ? Answer.resetAfter("0123456789", 4)
                : Answer.truncated("0123456789", 4));
        try (var raw = new RawClient(server)) {
            String head = raw.send("HEAD /a HTTP/1.1\r\n\r\n").readThrough("\r\n\r\n");
            assertThat(head).contains("Content-Length: 10");
            try {
                assertThat(raw.readAll()).isEmpty();
            } catch (SocketException resetOfTheConnection) {
                assertThat(reset).isTrue();
            }
        }
    }

    @Test
    void requestBodiesAreReadWhateverTheirForm() throws Exception {
        server.route("/a", Latency.none());
        var ofKnownLength = BodyPublishers.ofString("x".repeat(300_000));
        var chunked = BodyPublishers.fromPublisher(BodyPublishers.ofString("x".repeat(300_000)));

        for (var body : new HttpRequest.BodyPublisher[]{ofKnownLength, chunked, ofKnownLength}) {
            var response = client.send(request().POST(body).build(), BodyHandlers.ofString());
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(server.log().getLast().body()).hasSize(300_000);
        }
        assertThat(server.log()).extracting(Exchange::connection).containsOnly(1);
    }

    @Test
    void aClientThatAsksFirstIsToldToGoOn() throws Exception {
        server.route("/a", Latency.none());
        try (var raw = new RawClient(server)) {
            raw.send("POST /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
            assertThat(raw.readThrough("\r\n\r\n")).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
            assertThat(server.accepted()).isZero();
            assertThat(raw.send("body").readThrough("/a\n")).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void aBodyIsEncodedOnceForAllRequests() {
        for (Answer answer : List.of(Answer.ok("body"), Answer.slowDrip("body", 4, PAUSE),
                Answer.truncated("body", 2))) {
            assertThat(answer.pieces(true).getLast()).isSameAs(answer.pieces(true).getLast());
        }
    }

    @Test
    void wrongAnswersAreRefusedWithTheValue() {
        assertThatThrownBy(() -> Answer.status(99)).hasMessageContaining("99");
        assertThatThrownBy(() -> Answer.status(600)).hasMessageContaining("600");
        assertThatThrownBy(() -> Answer.status(204, "text")).hasMessageContaining("204")
                .hasMessageContaining("text");
        assertThatThrownBy(() -> Answer.ok("").header("a b", "c")).hasMessageContaining("a b");
        assertThatThrownBy(() -> Answer.ok("").header("a", "b\r\nc"))
                .hasMessageContaining("b\r\nc");
        assertThatThrownBy(() -> Answer.ok("hello").header("content-length", "3"))
                .hasMessageContaining("content-length: 3");
        assertThatThrownBy(() -> Answer.ok("hello").header("Transfer-encoding", "chunked"))
                .hasMessageContaining("Transfer-encoding: chunked");
        assertThatThrownBy(() -> Answer.slowDrip("a", 0, PAUSE)).hasMessageContaining("0");
        assertThatThrownBy(() -> Answer.slowDrip("a", 1, PAUSE.negated()))
                .hasMessageContaining("PT-0.005S");
        assertThatThrownBy(() -> Answer.truncated("four", 4)).hasMessageContaining("it is 4");
        assertThatThrownBy(() -> Answer.resetAfter("four", -1)).hasMessageContaining("it is -1");
    }

    private HttpRequest.Builder request() {
        return HttpRequest.newBuilder(server.uri("/a"));
    }

    private HttpResponse<String> get() throws IOException, InterruptedException {
        return client.send(request().build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> post() throws IOException, InterruptedException {
        return client.send(request().POST(BodyPublishers.ofString("x")).build(),
                BodyHandlers.ofString());
    }
}

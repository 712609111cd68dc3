package com.example.threading.common;

import static com.example.threading.common.Exchange.Outcome.ABORTED;
import static com.example.threading.common.Exchange.Outcome.ANSWERED;
import static com.example.threading.common.Exchange.Outcome.PENDING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What the log and the numbers tell, and how a test waits for it.
@ExtendWith(NoLeaks.class)
class LogTest extends ServerAndClient {
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
    void anAwaitIsInterruptible() throws Exception {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> server.awaitAnswered(1)).isInstanceOf(InterruptedException.class);
    }

    @Test
    void anAwaitIsInterruptibleWhileItWaits() throws Exception {
        var await = new FutureTask<>(() -> {
            server.awaitAnswered(1);
            return null;
        });
        Thread waiter = Thread.ofPlatform().start(await);
        Caller.awaitWaiting(waiter);

        waiter.interrupt();

        assertThatThrownBy(() -> await.get(5, TimeUnit.SECONDS))
                .hasCauseInstanceOf(InterruptedException.class);
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
        try (var impatient = new FakeLatencyServer();
                var raw = new RawClient(impatient)) {
            impatient.setPatience(Duration.ofMillis(10));
            impatient.route("/a", Latency.none());
            raw.get("/a").readThrough("/a\n");

            assertThatThrownBy(() -> impatient.awaitAnswered(2)).isInstanceOf(AssertionError.class)
                    .hasMessageContaining("2 answered").hasMessageContaining("/a #1")
                    .hasMessageContaining("ANSWERED");
        }
    }

    @Test
    void anEmptiedLogKeepsWhatIsInFlightAndAllElse() throws Exception {
        Route a = server.route("/a", Answer.ok("first"), Answer.ok("then"));
        Route slow = server.route("/slow", Latency.fixed(Duration.ofHours(1)));
        try (var raw = new RawClient(server).get("/slow"); var other = new RawClient(server)) {
            server.awaitInFlight(1);
            other.get("/a").readThrough("first");
            other.get("/none").readThrough("/none");
            List<Exchange> before = server.log();

            server.clearLog();

            assertThat(before).extracting(Exchange::route).containsExactly("/slow", "/a", "/none");
            assertThat(server.log()).extracting(Exchange::route).containsExactly("/slow");
            assertThat(slow.log()).isEqualTo(server.log());
            assertThat(a.log()).isEmpty();
            assertThat(List.of(a.accepted(), a.answered(), server.accepted(), server.inFlight()))
                    .containsExactly(1, 1, 2, 1);
            other.get("/a").readThrough("then");
            assertThat(server.log()).extracting(Exchange::attempt).containsExactly(1, 2);
            raw.reset();
            slow.awaitAborted(1);
            assertThat(slow.log()).extracting(Exchange::outcome).containsExactly(ABORTED);
        }
    }

    @Test
    void aLineThatWasReadDoesNotChangeAnyMore() throws Exception {
        Route route = server.route("/a", Latency.none());
        route.hold();
        try (var raw = new RawClient(server).get("/a")) {
            route.awaitInFlight(1);
            List<Exchange> before = route.log();

            route.release();
            raw.readThrough("/a\n");

            assertThat(before).extracting(Exchange::outcome).containsExactly(PENDING);
            assertThat(route.log()).extracting(Exchange::outcome).containsExactly(ANSWERED);
        }
    }

    @Test
    void theLinesOfOneReadingBelongToOneMoment() throws Exception {
        Route route = server.route("/a", Latency.none());
        route.hold();
        try (var one = new RawClient(server).get("/a"); var two = new RawClient(server).get("/a")) {
            route.awaitInFlight(2);
            List<Exchange> log = server.log();
            assertThat(log.getFirst().outcome()).isEqualTo(PENDING);

            route.release();
            one.readThrough("/a\n");
            two.readThrough("/a\n");

            assertThat(log).extracting(Exchange::outcome).containsExactly(PENDING, PENDING);
            assertThat(server.log()).extracting(Exchange::outcome).containsOnly(ANSWERED);
        }
    }

    /// Requests are answered one after the other, so a request that is pending in a reading cannot
    /// come before one that was answered.
    @Test
    void aReadingWhileRequestsComeBelongsToOneMomentToo() throws Exception {
        server.route("/a", Latency.none());
        try (var raw = new RawClient(server)) {
            var requests = Caller.of(() -> {
                for (int i = 0; i < 2000; i++) {
                    raw.get("/a").readThrough("/a\n");
                }
                return null;
            });
            while (!requests.isDone()) {
                List<Exchange> log = server.log();
                assertThat(log.subList(0, Math.max(0, log.size() - 1)))
                        .extracting(Exchange::outcome).doesNotContain(PENDING);
                if (log.size() > 1000) {
                    server.clearLog();
                }
            }
            requests.result();
        }
    }
}

package com.example.threading.common;

import static com.example.threading.common.Exchange.Outcome.ABORTED;
import static com.example.threading.common.Exchange.Outcome.ANSWERED;
import static com.example.threading.common.Exchange.Outcome.PENDING;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A route that is held keeps its answers until the test releases them.
@ExtendWith(NoLeaks.class)
class GateTest extends ServerAndClient {
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
    void aHoldAfterAReleaseHoldsOnlyWhatComesLater() throws Exception {
        Route route = server.route("/a", Latency.none());
        route.hold();
        try (var first = new RawClient(server).get("/a");
                var second = new RawClient(server).get("/a")) {
            route.awaitInFlight(2);

            route.release(1);
            route.hold();
            route.awaitAnswered(1);
            route.release();
            route.hold();
            first.readThrough("/a\n");
            second.readThrough("/a\n");

            first.get("/a");
            assertIsHeld(route);
        }
    }

    @Test
    void aHoldTakesBackWhatAReleaseStillLetThrough() throws Exception {
        Route route = server.route("/a", Latency.none());
        route.hold();
        route.release(2);
        route.hold();
        try (var raw = new RawClient(server).get("/a")) {
            assertIsHeld(route);
            route.release();
            raw.readThrough("/a\n");
        }
    }

    @Test
    void aReleaseOnAServerThatIsClosedReturns() {
        Route route = server.route("/a", Latency.none());
        route.hold();
        server.close();

        route.release(1);
        route.release();
    }

    /// One request, which the server's thread has been through with.
    private void assertIsHeld(Route route) throws InterruptedException {
        route.awaitInFlight(1);
        server.run(() -> {});
        assertThat(route.inFlight()).isEqualTo(1);
    }
}

package com.example.threading.common;

import static com.example.threading.common.Exchange.Outcome.ABORTED;
import static com.example.threading.common.Exchange.Outcome.ANSWERED;
import static com.example.threading.common.Exchange.Outcome.CUT_OFF;
import static com.example.threading.common.Exchange.Outcome.PENDING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.util.concurrent.Uninterruptibles;
import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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
    void aTaskBehindOnesThatFailIsRunAllTheSame() throws Exception {
        var boom = new AssertionError("boom");
        var more = new AssertionError("more");
        var allAreThere = new CountDownLatch(1);
        var done = new CountDownLatch(1);
        var broken = new FakeLatencyServer();
        broken.execute(() -> {
            Uninterruptibles.awaitUninterruptibly(allAreThere);
            throw boom;
        });
        broken.execute(() -> {
            throw more;
        });
        broken.execute(done::countDown);

        allAreThere.countDown();

        assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
        assertThatThrownBy(broken::close).hasCause(boom);
        assertThat(boom).hasSuppressedException(more);
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
        awaitState(waiter, Thread.State.TIMED_WAITING);

        waiter.interrupt();

        assertThatThrownBy(() -> await.get(5, TimeUnit.SECONDS))
                .hasCauseInstanceOf(InterruptedException.class);
    }

    @Test
    void closeAndResetDoNotHeedInterruption() throws Exception {
        server.route("/a", Latency.none());
        Thread caller = Thread.currentThread();
        Runnable keepBusy = () -> awaitState(caller, Thread.State.WAITING);

        server.execute(keepBusy);
        caller.interrupt();
        server.reset();
        assertThat(Thread.interrupted()).isTrue();
        assertThatThrownBy(() -> server.route("/a")).hasMessageContaining("[]");

        server.execute(keepBusy);
        caller.interrupt();
        server.close();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(thread()).isEmpty();
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
    void closeEndsWhatIsPendingAndLeavesNothing() throws Exception {
        server.route("/a", Latency.fixed(Duration.ofHours(1)));
        try (var raw = new RawClient(server).get("/a")) {
            server.awaitInFlight(1);

            server.close();
            server.close();

            assertThat(raw.readAll()).isEmpty();
        }
        assertThat(server.log()).extracting(Exchange::outcome).containsExactly(CUT_OFF);
        assertThat(thread()).isEmpty();
        assertThatThrownBy(() -> new RawClient(server))
                .isInstanceOf(ConnectException.class);
    }

    @Test
    void itsThreadKeepsNoJvmAlive() {
        assertThat(thread().orElseThrow().isDaemon()).isTrue();
    }

    @Test
    void onlyThisMachineReachesIt() throws Exception {
        InetAddress outside = addressOfThisMachineOnANetwork();
        assumeTrue(outside != null, "the machine is on a network");

        assertThatThrownBy(() -> new Socket(outside, server.uri().getPort()).close())
                .isInstanceOf(ConnectException.class);
    }

    private static @Nullable InetAddress addressOfThisMachineOnANetwork() throws IOException {
        return NetworkInterface.networkInterfaces().flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
                .findFirst().orElse(null);
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
        assertThat(server.log().getFirst().connection()).isEqualTo(1);

        server.close();
        server.reset();
        assertThat(server.log()).isEmpty();
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

            assertThat(before).hasSize(3);
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

    /// Requests are answered one after the other, so a request that is pending in a reading cannot
    /// come before one that was answered.
    @Test
    void theLinesOfOneReadingBelongToOneMoment() throws Exception {
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

    @Test
    void resetClosesAlsoWhatHasNotBeenAcceptedYet() throws Exception {
        Thread resetting = Thread.ofPlatform().unstarted(server::reset);
        // Keeps the server's thread from accepting until the reset is what it does next.
        var busy = new CountDownLatch(1);
        server.execute(() -> {
            busy.countDown();
            awaitState(resetting, Thread.State.WAITING);
        });
        busy.await();
        try (var raw = new RawClient(server)) {
            resetting.start();
            assertThat(raw.readAll()).isEmpty();
        }
        resetting.join();
    }

    @Test
    void wrongRoutesAreRefusedWithTheValue() {
        server.route("/a", Latency.none());

        assertThatThrownBy(() -> server.route("/a", Latency.none())).hasMessageContaining("/a");
        for (String path : List.of("", "a", "/a b", "/%zz", "/a?x", "/a#x", "/ä", "//", "//a",
                "/a/{id}")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> server.route(path, Latency.none()))
                    .withMessage(
                            "expected a path such as /a, encoded, without a query (a route serves"
                                    + " all of them) or a template, but it is " + path);
        }
        assertThatThrownBy(() -> server.route("/b")).hasMessageContaining("[/a]")
                .hasMessageContaining("/b");
        assertThatThrownBy(() -> server.uri("/b?x")).hasMessageContaining("/b");
        assertThatIllegalArgumentException().isThrownBy(() -> server.uri("/a?x y"))
                .withMessageContaining("/a?x y");
        assertThatIllegalArgumentException().isThrownBy(() -> server.route("/a").release(0))
                .withMessage("expected 1 answer or more, but it is 0");
        assertThatIllegalArgumentException().isThrownBy(() -> server.awaitInFlight(-1))
                .withMessage("expected 0 or more, but it is -1");
        assertThatIllegalArgumentException().isThrownBy(() -> server.awaitAnswered(-2))
                .withMessageContaining("-2");
        assertThatIllegalArgumentException().isThrownBy(() -> server.awaitAborted(-3))
                .withMessageContaining("-3");
        for (Duration patience : List.of(Duration.ZERO, Duration.ofDays(2))) {
            assertThatIllegalArgumentException().isThrownBy(() -> server.setPatience(patience))
                    .withMessageContaining(patience.toString());
        }
        assertThatThrownBy(() -> Latency.fixed(Duration.ofMillis(-1)))
                .hasMessageContaining("PT-0.001S");
    }

    private Optional<Thread> thread() {
        String name = "fake-latency-server-" + server.uri().getPort();
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(name)).findFirst();
    }

    private static void awaitState(Thread thread, Thread.State state) {
        await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1))
                .until(() -> thread.getState() == state);
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(server.uri(path)).build(),
                BodyHandlers.ofString());
    }
}

package com.example.threading.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class FakeLatencyServerTest extends ServerAndClient {
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

    private static @Nullable InetAddress addressOfThisMachineOnANetwork() throws IOException {
        return NetworkInterface.networkInterfaces().flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
                .findFirst().orElse(null);
    }

    private Optional<Thread> thread() {
        String name = "fake-latency-server-" + server.uri().getPort();
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(name)).findFirst();
    }
}

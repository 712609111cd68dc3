package com.example.threading.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;

/// However a test ends, it ends: with requests in flight, and with a client whose `close` waits for
/// them. Without the extension's care, each of the nested classes hangs for ever.
class EndOfTestTest {
    private static final Duration IMPATIENT = Duration.ofMillis(100);

    @ParameterizedTest
    @ValueSource(classes = {FailsToAwait.class, FailsToAwaitInAnotherOrder.class,
            FailsToAwaitBesideAnotherExtension.class, FailsToAwaitInBeforeEach.class,
            FailsToAwaitAndClosesInAfterEach.class, FailsToAwaitOnASharedServer.class})
    void aFailedAwaitEndsTheTestWithItsMessageAndTheLogAsItWas(Class<?> tests) {
        assertThat(failuresOf(tests)).isNotEmpty().allSatisfy(failure -> {
            assertThat(failure).hasMessageContaining("expected 2 in flight on route /held");
            assertThat(Arrays.toString(failure.getSuppressed()))
                    .contains("the fake server saw:\n/held #1", "PENDING");
        });
    }

    @Test
    void aFailedAssertionEndsTheTestWithItsMessage() {
        assertThat(failuresOf(FailsToAssert.class)).singleElement().asString()
                .contains("on purpose");
    }

    @ParameterizedTest
    @ValueSource(classes = {ForgetsRequests.class, ForgetsRequestsOfTheWholeClass.class})
    void aRequestThatIsForgottenDoesNotHoldUpATestThatPasses(Class<?> tests) {
        assertThat(failuresOf(tests)).isEmpty();
    }

    @Test
    void anAnswerIsStillGivenAfterTheTestAndDoesNotWait() {
        assertThat(failuresOf(AsksAfterTheTest.class)).isEmpty();
    }

    @Test
    void aSharedServerKeepsItsDelaysForTheNextTest() {
        assertThat(failuresOf(SharesAServer.class)).isEmpty();
    }

    static List<Throwable> failuresOf(Class<?> tests) {
        return EngineTestKit.engine("junit-jupiter").selectors(selectClass(tests)).execute()
                .allEvents().failed().stream()
                .map(event -> event.getRequiredPayload(TestExecutionResult.class).getThrowable()
                        .orElseThrow())
                .toList();
    }

    /// Asks a held route, and waits in vain for a second request.
    private static void failToAwait(FakeLatencyServer server, HttpClient client)
            throws InterruptedException {
        Route route = server.route("/held", Latency.none());
        route.hold();
        send(client, route);
        route.awaitInFlight(1);
        server.setPatience(IMPATIENT);
        route.awaitInFlight(2);
    }

    /// Nobody waits for the answer.
    private static void send(HttpClient client, Route route) {
        var _ = client.sendAsync(HttpRequest.newBuilder(route.uri()).build(),
                BodyHandlers.ofString());
    }

    @ExtendWith({NoLeaks.class, FakeLatencyServerExtension.class})
    static class FailsToAwait {
        @AutoClose
        final HttpClient client = HttpClient.newHttpClient();

        @Test
        void fails(FakeLatencyServer server) throws Exception {
            failToAwait(server, client);
        }
    }

    @ExtendWith({FakeLatencyServerExtension.class, NoLeaks.class})
    static class FailsToAwaitInAnotherOrder {
        @AutoClose
        final HttpClient client = HttpClient.newHttpClient();

        @Test
        void fails(FakeLatencyServer server) throws Exception {
            failToAwait(server, client);
        }
    }

    @ExtendWith(FakeLatencyServerExtension.class)
    static class FailsToAwaitBesideAnotherExtension {
        @RegisterExtension
        final ClosesItsClient extension = new ClosesItsClient();

        @Test
        void fails(FakeLatencyServer server) throws Exception {
            failToAwait(server, extension.client);
        }
    }

    static final class ClosesItsClient implements AfterEachCallback {
        final HttpClient client = HttpClient.newHttpClient();

        @Override
        public void afterEach(ExtensionContext context) {
            client.close();
        }
    }

    @ExtendWith(FakeLatencyServerExtension.class)
    static class FailsToAwaitInBeforeEach {
        @AutoClose
        final HttpClient client = HttpClient.newHttpClient();

        @BeforeEach
        void fails(FakeLatencyServer server) throws Exception {
            failToAwait(server, client);
        }

        @Test
        void isNotReached() {}

        @AfterEach
        void close() {
            client.close();
        }
    }

    @ExtendWith(FakeLatencyServerExtension.class)
    static class FailsToAwaitAndClosesInAfterEach {
        final HttpClient client = HttpClient.newHttpClient();

        @Test
        void fails(FakeLatencyServer server) throws Exception {
            failToAwait(server, client);
        }

        @AfterEach
        void close() {
            client.close();
        }
    }

    @ExtendWith(FakeLatencyServerExtension.class)
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    static class FailsToAwaitOnASharedServer {
        @AutoClose
        private final HttpClient client = HttpClient.newHttpClient();
        private final FakeLatencyServer server;

        FailsToAwaitOnASharedServer(FakeLatencyServer server) {
            this.server = server;
        }

        @Test
        void fails() throws Exception {
            failToAwait(server, client);
        }
    }

    @ExtendWith(FakeLatencyServerExtension.class)
    static class FailsToAssert {
        @AutoClose
        final HttpClient client = HttpClient.newHttpClient();

        @Test
        void fails(FakeLatencyServer server) throws Exception {
            Route route = server.route("/silent", Latency.none(), Answer.never());
            send(client, route);
            route.awaitInFlight(1);
            throw new AssertionError("on purpose");
        }
    }

    @ExtendWith({NoLeaks.class, FakeLatencyServerExtension.class})
    static class ForgetsRequests {
        @AutoClose
        final HttpClient client = HttpClient.newHttpClient();

        @Test
        void whoseAnswerIsLate(FakeLatencyServer server) throws Exception {
            send(client, server.route("/late", Latency.fixed(Duration.ofHours(1))));
            server.awaitInFlight(1);
        }

        @Test
        void thatIsNeverAnswered(FakeLatencyServer server) throws Exception {
            send(client, server.route("/silent", Latency.none(), Answer.never()));
            server.awaitInFlight(1);
        }

        @Test
        void whoseAnswerDrips(FakeLatencyServer server) throws Exception {
            send(client, server.route("/drip", Latency.none(),
                    Answer.slowDrip("drip", 4, Duration.ofHours(1))));
            server.awaitInFlight(1);
        }

        @Test
        void whichMayNotEvenHaveArrived(FakeLatencyServer server) {
            send(client, server.route("/late", Latency.fixed(Duration.ofHours(1))));
        }
    }

    @ExtendWith(FakeLatencyServerExtension.class)
    static class ForgetsRequestsOfTheWholeClass {
        @AutoClose
        private static HttpClient client;

        @BeforeAll
        static void forgets(FakeLatencyServer server) throws Exception {
            client = HttpClient.newHttpClient();
            send(client, server.route("/late", Latency.fixed(Duration.ofHours(1))));
            server.awaitInFlight(1);
        }

        @Test
        void doesNothing() {}
    }

    @ExtendWith({NoLeaks.class, FakeLatencyServerExtension.class})
    static class AsksAfterTheTest {
        @Test
        void ends(FakeLatencyServer server) {
            server.route("/late", Latency.fixed(Duration.ofHours(1)));
            server.route("/held", Latency.none()).hold();
            server.route("/drip", Latency.none(),
                    Answer.slowDrip("this is /drip\n", 4, Duration.ofHours(1)));
            server.route("/silent", Latency.none(), Answer.never());
        }

        @AfterEach
        void asks(FakeLatencyServer server) throws Exception {
            try (var raw = new RawClient(server)) {
                for (String path : List.of("/late", "/held", "/drip")) {
                    raw.get(path).readThrough("this is " + path + "\n");
                }
                assertThat(raw.get("/silent").readAll()).isEmpty();
            }
        }
    }

    @ExtendWith(FakeLatencyServerExtension.class)
    static class SharesAServer {
        @BeforeAll
        static void addRoutes(FakeLatencyServer server) {
            server.route("/late", Latency.fixed(Duration.ofHours(1)));
        }

        @RepeatedTest(2)
        void stillWaits(FakeLatencyServer server) throws Exception {
            int before = server.aborted();
            try (var raw = new RawClient(server).get("/late")) {
                server.awaitInFlight(1);
                raw.reset();
            }
            server.awaitAborted(before + 1);
        }
    }
}

package com.example.threading.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.testkit.engine.EngineTestKit;

/// Runs the nested classes, some of whose tests are meant to fail, by hand.
class ExtensionsTest {
    @Test
    void everyTestHasAServerOfItsOwnThatIsClosedAfterIt() {
        GivenServers.SEEN.clear();

        assertThat(failuresOf(GivenServers.class)).isEmpty();

        assertThat(GivenServers.SEEN).hasSize(2).doesNotHaveDuplicates();
        assertThat(GivenServers.SEEN).noneMatch(server -> isRunning(server));
    }

    @Test
    void aFailureCarriesTheLog() {
        assertThat(failuresOf(Failing.class)).singleElement().satisfies(failure -> {
            assertThat(failure).hasMessage("on purpose");
            assertThat(failure.getSuppressed()).singleElement().asString().contains("/seen #1");
        });
    }

    @Test
    void aPlatformThreadLeftBehindIsNamed() {
        assertThat(messagesOf(LeavesAThread.class)).singleElement().asString()
                .contains("left threads behind").contains("\"forgotten\"");
    }

    @Test
    void aVirtualThreadLeftBehindIsNamed() {
        assertThat(messagesOf(LeavesAVirtualThread.class)).singleElement().asString()
                .contains("left threads behind").containsPattern("virtual #\\d+ \"forgotten too\"");
    }

    @Test
    void aConnectionLeftOpenIsNamed() {
        assertThat(messagesOf(LeavesAConnection.class)).singleElement().asString()
                .contains("left connections behind: connection 1");
    }

    @Test
    void aTestThatCleansUpPasses() {
        assertThat(failuresOf(LeavesNothing.class)).isEmpty();
    }

    private static List<Throwable> failuresOf(Class<?> tests) {
        return EngineTestKit.engine("junit-jupiter").selectors(selectClass(tests)).execute()
                .allEvents()
                .failed().stream()
                .map(event -> event
                        .getRequiredPayload(org.junit.platform.engine.TestExecutionResult.class)
                        .getThrowable().orElseThrow())
                .toList();
    }

    private static List<String> messagesOf(Class<?> tests) {
        return failuresOf(tests).stream().map(Throwable::getMessage).toList();
    }

    private static boolean isRunning(FakeLatencyServer server) {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName()
                        .equals("fake-latency-server-" + server.uri().getPort()));
    }

    @ExtendWith(FakeLatencyServerExtension.class)
    static class GivenServers {
        static final List<FakeLatencyServer> SEEN = new ArrayList<>();
        private final FakeLatencyServer server;

        GivenServers(FakeLatencyServer server) {
            this.server = server;
        }

        @BeforeEach
        void setUp(FakeLatencyServer sameServer) {
            assertThat(sameServer).isSameAs(server);
        }

        @Test
        void first(FakeLatencyServer sameServer) {
            assertThat(sameServer).isSameAs(server);
            assertThat(isRunning(server)).isTrue();
            SEEN.add(server);
        }

        @Test
        void second() {
            SEEN.add(server);
        }
    }

    @ExtendWith(FakeLatencyServerExtension.class)
    static class Failing {
        @Test
        void fails(FakeLatencyServer server) throws Exception {
            server.route("/seen", Latency.none());
            try (var raw = new RawClient(server)) {
                raw.get("/seen").readThrough("/seen\n");
            }
            throw new AssertionError("on purpose");
        }
    }

    static class LeavesAThread {
        @RegisterExtension
        static final NoLeaks NO_LEAKS = new NoLeaks(Duration.ofMillis(50));
        private static final CountDownLatch OVER = new CountDownLatch(1);

        @Test
        void forgets() {
            Thread.ofPlatform().name("forgotten").start(() -> awaitQuietly(OVER));
        }

        @AfterAll
        static void over() {
            OVER.countDown();
        }
    }

    static class LeavesAVirtualThread {
        @RegisterExtension
        static final NoLeaks NO_LEAKS = new NoLeaks(Duration.ofMillis(50));
        private static final CountDownLatch OVER = new CountDownLatch(1);

        @Test
        void forgets() {
            Thread.ofVirtual().name("forgotten too").start(() -> awaitQuietly(OVER));
        }

        @AfterAll
        static void over() {
            OVER.countDown();
        }
    }

    @ExtendWith(FakeLatencyServerExtension.class)
    static class LeavesAConnection {
        @RegisterExtension
        static final NoLeaks NO_LEAKS = new NoLeaks(Duration.ofMillis(50));
        private static final List<RawClient> LEFT = new ArrayList<>();

        @Test
        void forgets(FakeLatencyServer server) throws Exception {
            server.route("/a", Latency.none());
            LEFT.add(new RawClient(server).get("/a"));
            server.awaitAnswered(1);
        }

        @AfterAll
        static void over() throws Exception {
            LEFT.getFirst().close();
        }
    }

    @ExtendWith({NoLeaks.class, FakeLatencyServerExtension.class})
    static class LeavesNothing {
        private final CountDownLatch over = new CountDownLatch(1);

        @Test
        void cleansUp(FakeLatencyServer server) throws Exception {
            server.route("/a", Latency.none());
            Thread.ofPlatform().start(() -> awaitQuietly(over));
            Thread.ofVirtual().start(() -> awaitQuietly(over));
            try (var raw = new RawClient(server)) {
                raw.get("/a").readThrough("/a\n");
            }
        }

        @AfterEach
        void tellThemToEnd() {
            over.countDown();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}

package com.example.threading.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
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
    void aServerOfTheWholeClassMayKeepItsConnections() {
        assertThat(failuresOf(SharesAServer.class)).isEmpty();
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
        private static final Semaphore OVER = new Semaphore(0);

        @Test
        void forgets() {
            Thread.ofPlatform().name("forgotten").start(OVER::acquireUninterruptibly);
        }

        @AfterAll
        static void over() {
            OVER.release();
        }
    }

    static class LeavesAVirtualThread {
        @RegisterExtension
        static final NoLeaks NO_LEAKS = new NoLeaks(Duration.ofMillis(50));
        private static final Semaphore OVER = new Semaphore(0);

        @Test
        void forgets() {
            Thread.ofVirtual().name("forgotten too").start(OVER::acquireUninterruptibly);
        }

        @AfterAll
        static void over() {
            OVER.release();
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
            LEFT.removeFirst().close();
        }
    }

    @ExtendWith({NoLeaks.class, FakeLatencyServerExtension.class})
    static class SharesAServer {
        private static final List<RawClient> SHARED = new ArrayList<>();

        @BeforeAll
        static void connect(FakeLatencyServer server) throws Exception {
            server.route("/a", Latency.none());
            SHARED.add(new RawClient(server));
        }

        @RepeatedTest(2)
        void uses(FakeLatencyServer server) throws Exception {
            SHARED.getFirst().get("/a").readThrough("/a\n");
            assertThat(server.openConnections()).hasSize(1);
        }

        @AfterAll
        static void disconnect() throws Exception {
            SHARED.removeFirst().close();
        }
    }

    @ExtendWith({FakeLatencyServerExtension.class, NoLeaks.class})
    static class LeavesNothing {
        private final Semaphore over = new Semaphore(0);
        private final RawClient client;

        @AutoClose
        private final ExecutorService pool = Executors.newSingleThreadExecutor();

        LeavesNothing(FakeLatencyServer server) throws Exception {
            client = new RawClient(server);
        }

        @Test
        void cleansUp(FakeLatencyServer server) throws Exception {
            server.route("/a", Latency.none());
            Thread.ofPlatform().start(over::acquireUninterruptibly);
            Thread.ofVirtual().start(over::acquireUninterruptibly);
            pool.submit(() -> client.get("/a").readThrough("/a\n")).get();
        }

        @AfterEach
        void disconnect() throws Exception {
            client.close();
        }

        @AfterEach
        void tellThemToEnd() {
            over.release(2);
        }
    }
}

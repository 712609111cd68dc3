package com.example.threading.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import com.google.common.util.concurrent.Uninterruptibles;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;

/// Runs the nested classes, most of whose tests are meant to fail, by hand.
class NoLeaksTest {
    /// What the threads that are left behind wait for.
    private static CountDownLatch over = new CountDownLatch(1);

    @AfterEach
    void endWhatWasLeft() {
        over.countDown();
        over = new CountDownLatch(1);
    }

    @Test
    void aThreadIsNamedWhateverItsNameIs() {
        assertThat(messagesOf(LeavesStrangeNames.class)).singleElement().asString()
                .contains("left threads behind", "platform\nof two \"lines\"",
                        "virtual\\nof two \\\"lines\\\"");
    }

    @Test
    void whatTheOuterInstanceOfANestedTestLeavesIsNamed() {
        assertThat(messagesOf(LeavesAThreadOutside.class)).singleElement().asString()
                .contains("left threads behind", "outside");
    }

    @Test
    void aClassThatIsOneInstanceFailsAsAWhole() {
        assertThat(messagesOf(LeavesAThreadOfTheClass.class)).singleElement().asString()
                .contains("left threads behind", "of the class");
    }

    @Test
    void aConnectionThatIsNotAcceptedYetIsOpen() throws Exception {
        var held = new CountDownLatch(1);
        var goesOn = new CountDownLatch(1);
        var ends = new CountDownLatch(1);
        try (var server = new FakeLatencyServer()) {
            // Between these two tasks, the server's thread does what it is asked, and accepts nothing
            // of its own accord.
            server.execute(() -> {
                held.countDown();
                Uninterruptibles.awaitUninterruptibly(goesOn);
            });
            held.await();
            try (var _ = new Socket(InetAddress.getLoopbackAddress(), server.uri().getPort())) {
                Caller<List<String>> open = Caller.of(server::openConnections);
                open.awaitWaiting();
                server.execute(() -> Uninterruptibles.awaitUninterruptibly(ends));

                goesOn.countDown();

                assertThat(open.result()).containsExactly("connection 1");
            } finally {
                goesOn.countDown();
                ends.countDown();
            }
        }
    }

    @Test
    void aRequestThatIsForgottenWithItsConnectionIsNoExcuse() {
        assertThat(messagesOf(LeavesAConnectionAndARequest.class)).singleElement().asString()
                .contains("left connections behind");
    }

    @Test
    void whereTestsRunBesideOthersNothingIsCheckedAndTheTestIsToldSo() {
        assertThat(messagesInParallel("WORKER_THREAD_POOL", RunsBesideOthers.class)).hasSize(4)
                .allSatisfy(message -> assertThat(message).contains("@Isolated"));
    }

    @Test
    void aTestThatRunsAloneIsCheckedAlsoWhereOthersRunInParallel() {
        assertThat(messagesInParallel("WORKER_THREAD_POOL", RunsAlone.class)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"FORK_JOIN_POOL", "WORKER_THREAD_POOL"})
    void theWorkersOfJUnitAreNotCounted(String kind) {
        Looks.newestId = Thread.ofVirtual().unstarted(() -> {}).threadId();
        Looks.group = Thread.currentThread().getThreadGroup();
        Looks.FOUND.clear();

        assertThat(messagesInParallel(kind, Looks.class)).isEmpty();

        assertThat(Looks.FOUND).isEmpty();
    }

    private static List<String> messagesOf(Class<?> tests) {
        return messages(EngineTestKit.engine("junit-jupiter").selectors(selectClass(tests)));
    }

    private static List<String> messagesInParallel(String kind, Class<?>... tests) {
        return messages(EngineTestKit.engine("junit-jupiter")
                .selectors(List.of(tests).stream().map(c -> selectClass(c)).toList())
                .configurationParameter("junit.jupiter.execution.parallel.enabled", "true")
                .configurationParameter("junit.jupiter.execution.parallel.mode.default",
                        "concurrent")
                .configurationParameter("junit.jupiter.execution.parallel.config.executor-service",
                        kind)
                .configurationParameter("junit.jupiter.execution.parallel.config.strategy", "fixed")
                .configurationParameter(
                        "junit.jupiter.execution.parallel.config.fixed.parallelism", "4"));
    }

    private static List<String> messages(EngineTestKit.Builder tests) {
        return tests.execute().allEvents().failed().stream()
                .map(event -> event.getRequiredPayload(TestExecutionResult.class).getThrowable()
                        .orElseThrow().getMessage())
                .toList();
    }

    abstract static class Leaving {
        @RegisterExtension
        static final NoLeaks NO_LEAKS = new NoLeaks(Duration.ofMillis(50));

        static void leave(Thread.Builder thread) {
            CountDownLatch end = over;
            thread.start(() -> Uninterruptibles.awaitUninterruptibly(end));
        }
    }

    static class LeavesStrangeNames extends Leaving {
        @Test
        void forgets() {
            leave(Thread.ofPlatform().name("platform\nof two \"lines\""));
            leave(Thread.ofVirtual().name("virtual\nof two \"lines\""));
        }
    }

    static class LeavesAThreadOutside extends Leaving {
        LeavesAThreadOutside() {
            leave(Thread.ofPlatform().name("outside"));
        }

        @Nested
        class Inside {
            @Test
            void passes() {}
        }
    }

    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    static class LeavesAThreadOfTheClass extends Leaving {
        @Test
        void forgets() {
            leave(Thread.ofPlatform().name("of the class"));
        }

        @Test
        void passes() {}
    }

    @ExtendWith(FakeLatencyServerExtension.class)
    static class LeavesAConnectionAndARequest {
        @RegisterExtension
        static final NoLeaks NO_LEAKS = new NoLeaks(Duration.ofMillis(20));
        private static final List<RawClient> LEFT = new ArrayList<>();

        @Test
        void forgets(FakeLatencyServer server) throws Exception {
            server.route("/silent", Latency.none(), Answer.never());
            LEFT.add(new RawClient(server).get("/silent"));
            server.awaitInFlight(1);
        }

        @AfterAll
        static void close() throws Exception {
            LEFT.removeFirst().close();
        }
    }

    @ExtendWith(NoLeaks.class)
    static class RunsBesideOthers {
        @RepeatedTest(4)
        void passes() {}
    }

    @Isolated
    @ExtendWith(NoLeaks.class)
    static class RunsAlone {
        @RepeatedTest(4)
        void passes() {}
    }

    static class Looks {
        static final Set<String> FOUND = ConcurrentHashMap.newKeySet();
        static long newestId;
        static ThreadGroup group = Thread.currentThread().getThreadGroup();

        @RepeatedTest(8)
        void looks() {
            FOUND.addAll(NoLeaks.threadsSince(newestId, group));
        }
    }
}

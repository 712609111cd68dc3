package com.example.threading.common;

import static com.example.threading.common.Exchange.Outcome.CUT_OFF;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.util.concurrent.Uninterruptibles;
import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.net.ConnectException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// How a server is reset, closed, or dies.
@ExtendWith(NoLeaks.class)
class EndOfServerTest extends ServerAndClient {
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
    void closeAndResetDoNotHeedInterruption() throws Exception {
        server.route("/a", Latency.none());
        Thread caller = Thread.currentThread();
        Runnable keepBusy = () -> Caller.awaitWaiting(caller);

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
    void resetClosesAlsoWhatHasNotBeenAcceptedYet() throws Exception {
        Thread resetting = Thread.ofPlatform().unstarted(server::reset);
        // Keeps the server's thread from accepting until the reset is what it does next.
        var busy = new CountDownLatch(1);
        server.execute(() -> {
            busy.countDown();
            Caller.awaitWaiting(resetting);
        });
        busy.await();
        try (var raw = new RawClient(server)) {
            resetting.start();
            assertThat(raw.readAll()).isEmpty();
        }
        resetting.join();
    }

    private Optional<Thread> thread() {
        String name = "fake-latency-server-" + server.uri().getPort();
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(name)).findFirst();
    }
}

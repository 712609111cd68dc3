package com.example.threading.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.example.threading.common.NoLeaks;
import com.example.threading.poolmap.ThreadPool;
import com.google.common.net.HostAndPort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// How a cluster begins and ends, and what it refuses.
@ExtendWith(NoLeaks.class)
@Timeout(120)
class ClusterSetupTest {

    private static CountDownLatch started = new CountDownLatch(1);

    @Test
    void aMemberListensOnLoopbackOnly() throws Exception {
        try (var cluster = Cluster.embedded(1, 1); var pool = new ThreadPool(1)) {
            String member = pool.map(cluster.remotely(i -> Cluster.member()), List.of(1))
                    .getFirst();
            HostAndPort address = HostAndPort.fromString(member);

            assertThat(address.getHost()).isEqualTo("127.0.0.1");
            connect("127.0.0.1", address.getPort());
            // Another address of this machine, on Linux at least.
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> connect("127.0.0.2", address.getPort()));
        }
    }

    private static void connect(String host, int port) throws IOException {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), 1000);
        }
    }

    @Test
    void anotherJvmMayJoinWhatIsEmbedded() throws Exception {
        try (var embedded = Cluster.embedded(2, 2); var pool = new ThreadPool(1)) {
            String member = pool.map(embedded.remotely(i -> Cluster.member()), List.of(1))
                    .getFirst();
            try (var joined = Cluster.join(List.of("127.0.0.1:1", member))) {
                assertThat(joined.threads()).isEqualTo(4);
            }
        }
    }

    @Test
    void closingFailsWhatStillWaits() throws Exception {
        started = new CountDownLatch(1);
        try (var pool = new ThreadPool(2)) {
            var cluster = Cluster.embedded(1, 1);
            // One item runs, and the other waits for its slot.
            var results = pool.mapAsync(cluster.remotely(ClusterSetupTest::waitForEver),
                    List.of(1, 2));
            started.await();
            cluster.close();

            assertThatExceptionOfType(CompletionException.class).isThrownBy(results::join)
                    .havingCause().isInstanceOf(IllegalStateException.class)
                    .withMessage("the cluster is closed");
            assertThatIllegalStateException()
                    .isThrownBy(() -> pool.map(cluster.remotely((Integer i) -> i), List.of(1)))
                    .withMessage("the cluster is closed");
            cluster.close();
        }
    }

    private static int waitForEver(int item) throws InterruptedException {
        started.countDown();
        new CountDownLatch(1).await();
        return item;
    }

    @Test
    void whereNobodyListensThereIsNothingToJoin() throws Exception {
        int port;
        try (var socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        assertThatIllegalStateException()
                .isThrownBy(() -> Cluster.join(List.of("127.0.0.1:" + port)))
                .withMessage("no member answers at 127.0.0.1:" + port);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nonsense", "127.0.0.1", "127.0.0.1:", ":5701", "127.0.0.1:0",
            "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:x", "http://127.0.0.1:5701"})
    void anAddressThatIsNoneIsNamed(String address) {
        assertThatIllegalArgumentException().isThrownBy(() -> Cluster.join(List.of(address)))
                .withMessage("expected host:port, not: " + address);
    }

    @Test
    void anUnknownHostIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Cluster.join(List.of("nowhere.invalid:5701")))
                .withMessage("unknown host: nowhere.invalid");
    }

    @Test
    void noAddressIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> Cluster.join(List.of()))
                .withMessage("expected the address of a member, not none");
    }

    @ParameterizedTest
    @CsvSource({"0, 1, 'members must be from 1 to 100, not 0'",
            "101, 1, 'members must be from 1 to 100, not 101'",
            "1, 0, 'threads must be from 1 to 1000, not 0'",
            "1, 1001, 'threads must be from 1 to 1000, not 1001'"})
    void aNumberOutOfRangeIsNamed(int members, int threads, String message) {
        assertThatIllegalArgumentException().isThrownBy(() -> Cluster.embedded(members, threads))
                .withMessage(message);
    }
}

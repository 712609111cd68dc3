package com.example.threading.common;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/// Prints by how much answers are later than asked, as a client sees it: one thread with a selector
/// that sends on all its connections and notes when each has its answer. Both sides share the JVM
/// and its cores.
final class LatencyServerMeasurement {
    private static final Duration ASKED = Duration.ofMillis(50);
    private static final int COLD_STARTS = 21;
    private static final ByteBuffer REQUEST = ByteBuffer
            .wrap("GET /a HTTP/1.1\r\n\r\n".getBytes(US_ASCII))
            .asReadOnlyBuffer();
    private static volatile boolean spinning;

    private LatencyServerMeasurement() {}

    static void main() throws Exception {
        IO.println("%s %s, %d processors".formatted(System.getProperty("java.vm.name"),
                Runtime.version(), Runtime.getRuntime().availableProcessors()));
        printColdStarts();
        IO.println("%nanswers asked for after %d ms, later by (ms):".formatted(ASKED.toMillis()));
        IO.println("%9s  %9s  %6s %6s %6s".formatted("in flight", "answers", "p50", "p99", "max"));
        print("1", overshoots(1, 200));
        print("100", overshoots(100, 20));
        print("1000", overshoots(1000, 10));
        print("5000", overshoots(5000, 4));
        spinOnEveryCore();
        print("1, busy", overshoots(1, 200));
        spinning = false;
    }

    private static void printColdStarts() throws Exception {
        double[] server = new double[COLD_STARTS];
        double[] selector = new double[COLD_STARTS];
        for (int i = 0; i < COLD_STARTS; i++) {
            server[i] = ColdStart.millis("server");
            selector[i] = ColdStart.millis("selector");
        }
        IO.println("%nfrom nothing to the first answer, in %d new JVMs each (ms):"
                .formatted(COLD_STARTS));
        IO.println("%15s  %6s %6s %6s".formatted("", "min", "p50", "max"));
        printColdStarts("the server", server);
        printColdStarts("a bare selector", selector);
    }

    private static void printColdStarts(String what, double[] millis) {
        Arrays.sort(millis);
        IO.println("%15s  %6.0f %6.0f %6.0f".formatted(what, millis[0], millis[COLD_STARTS / 2],
                millis[COLD_STARTS - 1]));
    }

    private static void print(String inFlight, long[] overshoots) {
        Arrays.sort(overshoots);
        IO.println("%9s  %9d  %6.2f %6.2f %6.2f".formatted(inFlight, overshoots.length,
                percentile(overshoots, 50), percentile(overshoots, 99),
                percentile(overshoots, 100)));
    }

    private static double percentile(long[] sorted, int percent) {
        return sorted[(sorted.length - 1) * percent / 100]
                / (double) TimeUnit.MILLISECONDS.toNanos(1);
    }

    /// Virtual threads that never yield: every carrier is taken.
    private static void spinOnEveryCore() {
        spinning = true;
        for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
            Thread.startVirtualThread(() -> {
                while (spinning) {
                    Thread.onSpinWait();
                }
            });
        }
    }

    /// In nanoseconds, of each answer; the first round only warms up.
    private static long[] overshoots(int connections, int rounds) throws IOException {
        try (var server = new FakeLatencyServer(); Selector selector = Selector.open()) {
            server.route("/a", Latency.fixed(ASKED));
            try {
                for (int i = 0; i < connections; i++) {
                    connect(server, selector);
                }
                round(selector);
                long[] overshoots = new long[connections * rounds];
                for (int i = 0; i < rounds; i++) {
                    System.arraycopy(round(selector), 0, overshoots, i * connections, connections);
                }
                return overshoots;
            } finally {
                for (SelectionKey key : selector.keys()) {
                    key.channel().close();
                }
            }
        }
    }

    private static void connect(FakeLatencyServer server, Selector selector) throws IOException {
        SocketChannel channel = SocketChannel
                .open(new InetSocketAddress(InetAddress.getLoopbackAddress(),
                        server.uri().getPort()));
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ);
    }

    /// Sends on every connection, and waits for every answer.
    private static long[] round(Selector selector) throws IOException {
        for (SelectionKey key : selector.keys()) {
            key.attach(System.nanoTime());
            ((SocketChannel) key.channel()).write(REQUEST.duplicate());
        }
        long[] overshoots = new long[selector.keys().size()];
        ByteBuffer answer = ByteBuffer.allocateDirect(1024);
        for (int answers = 0; answers < overshoots.length;) {
            selector.select();
            for (SelectionKey key : selector.selectedKeys()) {
                if (((SocketChannel) key.channel()).read(answer.clear()) < 0) {
                    throw new IOException("the server closed the connection");
                }
                overshoots[answers++] = System.nanoTime() - (Long) key.attachment()
                        - ASKED.toNanos();
            }
            selector.selectedKeys().clear();
        }
        return overshoots;
    }
}

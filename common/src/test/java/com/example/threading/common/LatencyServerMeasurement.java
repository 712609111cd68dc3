package com.example.threading.common;

import static com.example.threading.common.Exchange.Outcome.ANSWERED;
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
import java.util.concurrent.CountDownLatch;
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
    private static final int BURST = 3_500;
    private static final int LINES = 400_000;
    private static volatile boolean spinning;
    private static volatile boolean measuring;

    private LatencyServerMeasurement() {}

    static void main() throws Exception {
        IO.println("%s %s, %d processors".formatted(System.getProperty("java.vm.name"),
                Runtime.version(), Runtime.getRuntime().availableProcessors()));
        printColdStarts();
        IO.println("%nanswers asked for after %d ms, later by (ms):".formatted(ASKED.toMillis()));
        IO.println("%10s  %9s  %6s %6s %6s".formatted("in flight", "answers", "p50", "p99", "max"));
        print("1", overshoots(1, 200));
        print("1, bursts", overshoots(1, 200, LatencyServerMeasurement::sendBursts));
        print("1, log", overshoots(1, 200, LatencyServerMeasurement::readALongLog));
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
        IO.println("%10s  %9d  %6.2f %6.2f %6.2f".formatted(inFlight, overshoots.length,
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

    /// What goes on beside the clients that are measured.
    private interface Beside {
        void run(FakeLatencyServer server, CountDownLatch ready) throws Exception;
    }

    /// Another client sends 3,500 requests in one write, again and again. The log is emptied each
    /// time: a log that grows for ever would show in the pauses of the garbage collector.
    private static void sendBursts(FakeLatencyServer server, CountDownLatch ready)
            throws Exception {
        try (SocketChannel channel = open(server)) {
            // The first ones are slow, since the server is not yet compiled for them.
            for (int i = 0; i < 100; i++) {
                sendBurst(server, channel);
                server.clearLog();
            }
            ready.countDown();
            while (measuring) {
                sendBurst(server, channel);
                server.clearLog();
                Thread.sleep(Duration.ofMillis(60));
            }
        }
    }

    private static void sendBurst(FakeLatencyServer server, SocketChannel channel)
            throws IOException {
        Route route = server.route("/b");
        int before = route.answered();
        channel.write(ByteBuffer.wrap("GET /b HTTP/1.1\n\n".repeat(BURST).getBytes(US_ASCII)));
        ByteBuffer answers = ByteBuffer.allocate(1024 * 1024);
        while (route.answered() < before + BURST) {
            channel.read(answers.clear());
        }
    }

    /// Another thread reads a log of 400,000 lines, again and again.
    private static void readALongLog(FakeLatencyServer server, CountDownLatch ready)
            throws Exception {
        try (SocketChannel channel = open(server)) {
            while (server.answered() < LINES) {
                sendBurst(server, channel);
            }
        }
        ready.countDown();
        while (measuring) {
            if (server.log().stream().filter(line -> line.outcome() == ANSWERED).count() < LINES) {
                throw new IllegalStateException("the log is too short");
            }
            Thread.sleep(Duration.ofMillis(50));
        }
    }

    private static long[] overshoots(int connections, int rounds) throws Exception {
        return overshoots(connections, rounds, (_, ready) -> ready.countDown());
    }

    /// In nanoseconds, of each answer; the first rounds only warm up.
    private static long[] overshoots(int connections, int rounds, Beside beside) throws Exception {
        // Collects what the row before has left, so that no pause for it falls into this row.
        System.gc();
        try (var server = new FakeLatencyServer(); Selector selector = Selector.open()) {
            server.route("/a", Latency.fixed(ASKED));
            server.route("/b", Latency.none(), Answer.ok(""));
            measuring = true;
            var ready = new CountDownLatch(1);
            var besides = Caller.of(() -> {
                beside.run(server, ready);
                return true;
            });
            ready.await();
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
                measuring = false;
                besides.result();
                for (SelectionKey key : selector.keys()) {
                    key.channel().close();
                }
            }
        }
    }

    private static void connect(FakeLatencyServer server, Selector selector) throws IOException {
        SocketChannel channel = open(server);
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ);
    }

    private static SocketChannel open(FakeLatencyServer server) throws IOException {
        SocketChannel channel = SocketChannel
                .open(new InetSocketAddress(InetAddress.getLoopbackAddress(),
                        server.uri().getPort()));
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        return channel;
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

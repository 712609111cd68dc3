package com.example.threading.common;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// Sends mutated requests to a server, and shows that it survives them: it answers every good
/// request in between, and its memory does not grow. The inputs depend on the seed only.
///
/// Two arguments: how many inputs, and the seed.
final class RequestFuzz {
    private static final List<String> GOOD = List.of(
            "GET /a HTTP/1.1\r\nHost: x\r\n\r\n",
            "POST /a?b HTTP/1.1\r\nContent-Length: 5\r\n\r\nabcde",
            "PUT /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: z\r\n\r\n",
            "POST /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab",
            "HEAD http://example.org/a HTTP/1.1\r\nConnection: close\r\n\r\n",
            "GET /none HTTP/1.0\n\n");
    private static final int ROUND = 10_000;

    private final SplittableRandom random;
    private final FakeLatencyServer server;
    private final ByteBuffer answers = ByteBuffer.allocateDirect(64 * 1024);

    private RequestFuzz(long seed, FakeLatencyServer server) {
        this.random = new SplittableRandom(seed);
        this.server = server;
    }

    static void main(String[] args) throws Exception {
        int inputs = args.length > 0 ? Integer.parseInt(args[0]) : 1_000_000;
        long seed = args.length > 1 ? Long.parseLong(args[1]) : 1;
        try (var server = new FakeLatencyServer()) {
            server.route("/a", Latency.none());
            var fuzz = new RequestFuzz(seed, server);
            long start = System.nanoTime();
            fuzz.round();
            double before = usedMegabytes();
            IO.println("%9s %10s %10s %9s".formatted("inputs", "served", "refused", "heap MB"));
            long served = 0;
            long refused = 0;
            for (int sent = ROUND; sent < inputs; sent += ROUND) {
                fuzz.round();
                refused += server.log().stream()
                        .filter(line -> line.outcome() == Exchange.Outcome.REFUSED).count();
                served = server.accepted();
                server.clearLog();
                if ((sent + ROUND) % (10 * ROUND) == 0) {
                    IO.println("%9d %10d %10d %9.1f".formatted(sent + ROUND, served, refused,
                            usedMegabytes()));
                }
            }
            IO.println("seed %d, %d s, heap after the first %d inputs %.1f MB, at the end %.1f MB"
                    .formatted(seed, Duration.ofNanos(System.nanoTime() - start).toSeconds(), ROUND,
                            before, usedMegabytes()));
        }
    }

    /// Each connection gets inputs until the server ends it, or it has had ten.
    private void round() throws IOException {
        for (int sent = 0; sent < ROUND;) {
            try (SocketChannel channel = connect()) {
                boolean open = true;
                for (int n = 0; open && n < 10 && sent < ROUND; n++, sent++) {
                    channel.write(ByteBuffer.wrap(mutated()));
                    // Twice, since an answer may be due one round after its request was read.
                    server.run(() -> {});
                    server.run(() -> {});
                    open = channel.read(answers.clear()) >= 0;
                }
            }
        }
        requireAlive();
    }

    private SocketChannel connect() throws IOException {
        SocketChannel channel = SocketChannel.open(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), server.uri().getPort()));
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        channel.configureBlocking(false);
        return channel;
    }

    /// A good request, or two, with bytes changed, left out, doubled or moved.
    private byte[] mutated() {
        byte[] bytes = (pick() + (random.nextInt(4) == 0 ? pick() : "")).getBytes(ISO_8859_1);
        for (int n = random.nextInt(4); n > 0 && bytes.length > 1; n--) {
            int at = random.nextInt(bytes.length);
            int end = random.nextInt(at, bytes.length) + 1;
            switch (random.nextInt(5)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> bytes = joined(Arrays.copyOf(bytes, at), tail(bytes, end));
                case 3 -> bytes = joined(Arrays.copyOf(bytes, end), tail(bytes, at));
                default -> bytes = joined(tail(bytes, at), Arrays.copyOf(bytes, at));
            }
        }
        return bytes;
    }

    private String pick() {
        return GOOD.get(random.nextInt(GOOD.size()));
    }

    private static byte[] tail(byte[] bytes, int from) {
        return Arrays.copyOfRange(bytes, from, bytes.length);
    }

    private static byte[] joined(byte[] a, byte[] b) {
        byte[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    private void requireAlive() throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.uri().getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write("GET /a HTTP/1.0\r\n\r\n".getBytes(ISO_8859_1));
            String answer = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
            if (!answer.startsWith("HTTP/1.1 200")) {
                throw new IOException("the server does not serve any more: " + answer);
            }
        }
    }

    private static double usedMegabytes() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / 1e6;
    }
}

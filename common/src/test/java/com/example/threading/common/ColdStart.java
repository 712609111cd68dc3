package com.example.threading.common;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.common.util.concurrent.Uninterruptibles;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.StringJoiner;

/// Measures, in a JVM of its own, the time from nothing to the first answer that a client has read:
/// of the fake server, or of a bare selector that answers anything, which is the JDK's share of it.
final class ColdStart {
    private static final byte[] ANSWER = "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n"
            .getBytes(US_ASCII);

    private ColdStart() {}

    /// Started by [#millis]; prints milliseconds.
    static void main(String[] args) throws Exception {
        long start = System.nanoTime();
        if (args[0].equals("server")) {
            fakeServer();
        } else {
            bareSelector();
        }
        long end = System.nanoTime();
        IO.println((end - start) / 1e6);
        // The server may be left to the end of the JVM: its thread is a daemon.
        System.exit(0);
    }

    /// @param what `server` or `selector`
    static double millis(String what) throws IOException, URISyntaxException {
        Process process = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp", classPath(), ColdStart.class.getName(), what)
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        return Double.parseDouble(
                new String(process.getInputStream().readAllBytes(), US_ASCII).strip());
    }

    /// Only what the server needs: a selector looks for providers in every file of it.
    private static String classPath() throws URISyntaxException {
        var path = new StringJoiner(File.pathSeparator);
        for (Class<?> needed : List.of(ColdStart.class, FakeLatencyServer.class,
                Uninterruptibles.class)) {
            URL place = needed.getProtectionDomain().getCodeSource().getLocation();
            path.add(Path.of(place.toURI()).toString());
        }
        return path.toString();
    }

    @SuppressWarnings("resource") // It is there until the JVM ends.
    private static void fakeServer() throws IOException {
        var server = new FakeLatencyServer();
        server.route("/a", Latency.none());
        request(server.uri().getPort());
    }

    private static void bareSelector() throws IOException {
        Selector selector = Selector.open();
        ServerSocketChannel acceptor = ServerSocketChannel.open();
        acceptor.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        acceptor.configureBlocking(false);
        acceptor.register(selector, SelectionKey.OP_ACCEPT);
        Thread.ofPlatform().daemon().start(() -> serve(selector, acceptor));
        request(acceptor.socket().getLocalPort());
    }

    private static void serve(Selector selector, ServerSocketChannel acceptor) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(1024);
        try {
            while (selector.select() > 0) {
                for (SelectionKey key : selector.selectedKeys()) {
                    if (key.channel() instanceof SocketChannel client) {
                        if (client.read(buffer.clear()) < 0) {
                            return;
                        }
                        client.write(ByteBuffer.wrap(ANSWER));
                    } else {
                        SocketChannel client = acceptor.accept();
                        client.configureBlocking(false);
                        client.register(selector, SelectionKey.OP_READ);
                    }
                }
                selector.selectedKeys().clear();
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static void request(int port) throws IOException {
        try (var client = new Socket(InetAddress.getLoopbackAddress(), port)) {
            client.getOutputStream().write("GET /a HTTP/1.1\r\n\r\n".getBytes(US_ASCII));
            if (client.getInputStream().read() != 'H') {
                throw new IOException("no answer");
            }
        }
    }
}

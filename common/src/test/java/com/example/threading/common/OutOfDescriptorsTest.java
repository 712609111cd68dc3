package com.example.threading.common;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Runs out of file descriptors, in a JVM of its own that may have few.
class OutOfDescriptorsTest {
    private static final Path SHELL = Path.of("/bin/sh");
    private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

    @Test
    void theServerSaysSoAndDoesNotSpinAndRecovers() throws Exception {
        assertThat(outputOf("serve")).containsExactly("busy: false", "GET /a",
                "no connection can be accepted for now: Too many open files"
                        + " (one whose client is in this process takes two file descriptors)",
                "busy: false", "answered: true");
    }

    @Test
    void aServerThatCannotStartLeavesNothingOpen() throws Exception {
        assertThat(outputOf("start")).containsExactly("the fake latency server cannot start",
                "started with as few as it needs: true");
    }

    private static List<String> outputOf(String what) throws IOException {
        assumeTrue(Files.isExecutable(SHELL), "only a shell can limit a process");
        Process process = new ProcessBuilder(SHELL.toString(), "-c", "ulimit -n 200; exec \"$@\"",
                "sh",
                JAVA.toString(), "-XX:TieredStopAtLevel=1", "-cp",
                System.getProperty("java.class.path"),
                OutOfDescriptorsTest.class.getName(), what).redirectErrorStream(true).start();
        try {
            return new String(process.getInputStream().readAllBytes(), UTF_8).lines().toList();
        } finally {
            process.destroyForcibly();
        }
    }

    static void main(String[] args) throws Exception {
        if (args[0].equals("serve")) {
            serve();
        } else {
            start();
        }
    }

    /// Takes all file descriptors, and gives back one at a time until the server starts.
    private static void start() throws IOException {
        var unix = (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        var taken = new ArrayDeque<SocketChannel>();
        // A class that is loaded now needs no file descriptor later.
        taken.add(open());
        long before = unix.getOpenFileDescriptorCount();
        long needed;
        try (var _ = new FakeLatencyServer()) {
            needed = unix.getOpenFileDescriptorCount() - before;
        }
        try {
            while (true) {
                taken.add(open());
            }
        } catch (IOException _) {
            // Now there is none left.
        }
        var messages = new LinkedHashSet<String>();
        for (int free = 0;; free++) {
            try (var _ = new FakeLatencyServer()) {
                messages.forEach(IO::println);
                IO.println("started with as few as it needs: " + (free == needed));
                return;
            } catch (UncheckedIOException failure) {
                messages.add(failure.getMessage());
            }
            taken.remove().close();
        }
    }

    /// Opens more connections than the server can accept, and closes them again but for the last.
    private static void serve() throws Exception {
        try (var server = new FakeLatencyServer()) {
            server.route("/a", Latency.none());
            // A class that is loaded now needs no file descriptor later.
            exchange(open(), server);
            IO.println("busy: " + isBusy());
            IO.println(server.log().getLast().note());
            var clients = new ArrayList<SocketChannel>();
            for (int i = 0; i < 100; i++) {
                clients.add(open());
            }
            for (SocketChannel client : clients) {
                client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(),
                        server.uri().getPort()));
            }
            synchronized (server.ledger) {
                while (server.log().size() < 2) {
                    server.ledger.wait();
                }
            }
            IO.println(server.log().getLast().note());
            IO.println("busy: " + isBusy());
            SocketChannel last = clients.removeLast();
            for (SocketChannel client : clients) {
                client.close();
            }
            request(last);
            server.awaitAnswered(2);
            IO.println("answered: " + (server.answered() == 2));
        }
    }

    /// Whether the server's thread takes more than half of the time of a core.
    private static boolean isBusy() throws InterruptedException {
        Thread thread = Thread.getAllStackTraces().keySet().stream()
                .filter(candidate -> candidate.getName().startsWith("fake-latency-server-"))
                .findFirst().orElseThrow();
        var threads = ManagementFactory.getThreadMXBean();
        long before = threads.getThreadCpuTime(thread.threadId());
        Thread.sleep(Duration.ofMillis(200));
        return threads.getThreadCpuTime(thread.threadId()) - before > Duration.ofMillis(100)
                .toNanos();
    }

    private static SocketChannel open() throws IOException {
        return SocketChannel.open();
    }

    private static void exchange(SocketChannel client, FakeLatencyServer server) throws Exception {
        client.connect(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), server.uri().getPort()));
        request(client);
        server.awaitAnswered(1);
        client.close();
    }

    private static void request(SocketChannel client) throws IOException {
        client.write(ByteBuffer.wrap("GET /a HTTP/1.1\r\n\r\n".getBytes(UTF_8)));
    }
}

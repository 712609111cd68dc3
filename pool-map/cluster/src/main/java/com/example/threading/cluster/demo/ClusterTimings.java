package com.example.threading.cluster.demo;

import com.example.threading.cluster.Cluster;
import com.example.threading.common.CommandLine;
import com.example.threading.common.CommandLine.BadArgument;
import com.example.threading.common.FakeLatencyServer;
import com.example.threading.common.Latency;
import com.example.threading.common.Makespan;
import com.example.threading.common.Reason;
import com.example.threading.common.Timeline;
import com.example.threading.common.Timeline.Span;
import com.example.threading.poolmap.InterruptibleFunction;
import com.example.threading.poolmap.ThreadPool;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

/// The Python answer's eight URLs, fetched by a pool in this JVM and by the members of a cluster.
///
/// Without arguments it starts three members in this JVM. With the addresses of members it joins
/// theirs. It serves the URLs itself, on loopback: members on other machines cannot reach them, and
/// need URLs among the arguments.
public final class ClusterTimings {

    private static final List<Duration> LATENCIES = Stream
            .of(130, 180, 90, 420, 150, 210, 110, 310).map(Duration::ofMillis).toList();

    private static final int MEMBERS = 3;
    private static final int THREADS = 2;

    /// Of a timeline, in columns.
    private static final int WIDTH = 100;

    /// For a connection, and for each part of an answer.
    private static final Duration LIMIT = Duration.ofSeconds(10);

    /// Held here: a logger that nobody holds forgets its level.
    private static final Logger HAZELCAST = Logger.getLogger("com.hazelcast");

    private static final String USAGE = """
            ClusterTimings [HOST:PORT]... [URL]...

            Fetches URLs with a pool, first in this JVM and then on the members of a cluster.
            HOST:PORT is a member that runs already; without one, three are started in this JVM.
            Without a URL, eight of a server in this JVM are fetched.
            """;

    private ClusterTimings() {}

    /// Runs the program. The exit status is 0 if every URL was fetched, 1 if one was not or no
    /// member answers, and 2 if an argument is wrong.
    ///
    /// @param args addresses of members, each as `host:port`, and URLs, http or https; none for
    ///   members and URLs of the program's own
    public static void main(String[] args) {
        HAZELCAST.setLevel(Level.SEVERE);
        System.exit(CommandLine.run(USAGE, List.of(args), System.out, System.err,
                ClusterTimings::run));
    }

    static int run(List<String> args, PrintStream out, PrintStream err) throws Exception {
        List<URI> urls = args.stream().filter(arg -> arg.contains("://")).map(CommandLine::url)
                .toList();
        List<String> addresses = args.stream().filter(arg -> !arg.contains("://")).toList();
        if (urls.isEmpty()) {
            addresses.forEach(ClusterTimings::requireLoopback);
        }
        long start = System.nanoTime();
        try (var server = new FakeLatencyServer(); var cluster = connect(addresses)) {
            out.printf("members with %d threads after %.1f s%n%n", cluster.threads(),
                    since(start).toMillis() / 1e3);
            compare(cluster, server, urls, out);
            return 0;
        } catch (IllegalStateException e) {
            // The cluster's members are gone, or never were.
            throw new IOException(e.getMessage());
        }
    }

    private static Cluster connect(List<String> addresses) {
        try {
            return addresses.isEmpty()
                    ? Cluster.embedded(MEMBERS, THREADS)
                    : Cluster.join(addresses);
        } catch (IllegalArgumentException e) {
            throw new BadArgument(String.valueOf(e.getMessage()));
        }
    }

    /// The program's own URLs are on loopback.
    private static void requireLoopback(String address) {
        var host = new InetSocketAddress(address.replaceFirst(":\\d+$", ""), 0);
        if (!host.isUnresolved() && !host.getAddress().isLoopbackAddress()) {
            throw new BadArgument("expected URLs too, for the program's own cannot be reached from "
                    + address);
        }
    }

    private static void compare(Cluster cluster, FakeLatencyServer server, List<URI> given,
            PrintStream out) throws IOException, InterruptedException {
        int workers = cluster.threads();
        InterruptibleFunction<URI, String, IOException> remotely = cluster
                .remotely(ClusterTimings::fetchOnAMember);
        if (given.isEmpty()) {
            // The first requests of a JVM load classes, here and in every member.
            URI url = server.route("/warm-up", Latency.none()).uri();
            List<URI> urls = Collections.nCopies(20 * workers, url);
            fetchAll(workers, ClusterTimings::fetchHere, urls);
            fetchAll(workers, remotely, urls);
        }
        List<URI> urls = given.isEmpty() ? serve(server) : given;

        print(out, "pool of " + workers, fetchAll(workers, ClusterTimings::fetchHere, urls));
        Run remote = fetchAll(workers, remotely, urls);
        print(out, "the same on members", remote);
        if (given.isEmpty()) {
            print(out, "ideal", new Run(Makespan.of(LATENCIES, workers), List.of()));
        }
        out.printf("%n%s", byMember(remote.spans).text(WIDTH));
    }

    private static List<URI> serve(FakeLatencyServer server) {
        return LATENCIES.stream().map(latency -> server
                .route("/" + latency.toMillis() + "-ms", Latency.fixed(latency)).uri()).toList();
    }

    private record Run(Duration elapsed, List<Span> spans) {}

    /// The same pool for both: only its function differs. The times are those of this machine.
    private static Run fetchAll(int workers, InterruptibleFunction<URI, String, IOException> fetch,
            List<URI> urls) throws IOException, InterruptedException {
        long start = System.nanoTime();
        Queue<Span> spans = new ConcurrentLinkedQueue<>();
        try (var pool = ThreadPool.ofVirtualThreads(workers)) {
            pool.map(url -> {
                Duration from = since(start);
                String member = fetch.apply(url);
                return spans.add(new Span(member, url.getPath(), from, since(start), false));
            }, urls);
        }
        return new Run(since(start), List.copyOf(spans));
    }

    private static String fetchHere(URI url) throws IOException {
        fetch(url);
        return "here";
    }

    private static String fetchOnAMember(URI url) throws IOException {
        fetch(url);
        return Cluster.member();
    }

    private static void fetch(URI url) throws IOException {
        URLConnection connection = url.toURL().openConnection();
        connection.setConnectTimeout((int) LIMIT.toMillis());
        connection.setReadTimeout((int) LIMIT.toMillis());
        try (InputStream body = connection.getInputStream()) {
            body.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            throw new IOException(url + ": " + Reason.of(e));
        }
    }

    // What is printed

    private static void print(PrintStream out, String name, Run run) {
        out.printf("%-20s %6d ms%n", name, run.elapsed.toMillis());
    }

    /// The spans of one member overlap, as it has several threads: each gets the first of the
    /// member's lanes that is free.
    private static Timeline byMember(List<Span> spans) {
        Map<String, Duration> busyUntil = new HashMap<>();
        var placed = new ArrayList<Span>();
        for (Span span : spans.stream().sorted(Comparator.comparing(Span::start)).toList()) {
            int thread = 1;
            while (busyUntil.getOrDefault(span.lane() + "/" + thread, Duration.ZERO)
                    .compareTo(span.start()) > 0) {
                thread++;
            }
            String lane = span.lane() + "/" + thread;
            busyUntil.put(lane, span.end());
            placed.add(new Span(lane, span.label(), span.start(), span.end(), false));
        }
        placed.sort(Comparator.comparing(Span::lane));
        return new Timeline(placed);
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }
}

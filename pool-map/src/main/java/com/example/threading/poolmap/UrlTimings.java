package com.example.threading.poolmap;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNullElse;
import static java.util.concurrent.TimeUnit.MILLISECONDS;

import com.example.threading.common.FakeLatencyServer;
import com.example.threading.common.Latency;
import com.example.threading.common.Makespan;
import com.example.threading.common.Timeline;
import com.example.threading.common.Timeline.Span;
import com.google.common.base.Throwables;
import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/// How much faster a pool fetches a list of URLs than a loop does: the program of the Python
/// answer, with its table.
///
/// Without arguments it fetches eight URLs from a server of its own, with a loop and with pools of
/// several sizes. With URLs as arguments it fetches those, and tells what became of each.
public final class UrlTimings {

    /// What eight pages of one site might take.
    static final List<Duration> LATENCIES = Stream
            .of(130, 180, 90, 420, 150, 210, 110, 310)
            .map(Duration::ofMillis)
            .toList();

    private static final int WORKERS = 8;

    /// Of a timeline, in columns.
    private static final int WIDTH = 100;

    private final HttpClient client;
    private final Duration limit;
    private final PrintStream out;
    private final boolean terminal;

    UrlTimings(HttpClient client, Duration limit, PrintStream out, boolean terminal) {
        this.client = client;
        this.limit = limit;
        this.out = out;
        this.terminal = terminal;
    }

    /// Runs the program. The exit status is 0 if every URL was fetched, 1 if one was not (also for
    /// an error page, or a redirect that leads nowhere), and 2 if an argument is no URL.
    ///
    /// @param args the URLs, http or https; none for those of the program's own server
    /// @throws InterruptedException if the thread is interrupted
    @SuppressWarnings("SystemConsoleNull") // JDK 25 gives null again where there is no terminal
    public static void main(String[] args) throws InterruptedException {
        Console console = System.console();
        boolean terminal = console != null && console.isTerminal();
        System.exit(run(List.of(args), Duration.ofSeconds(10), System.out, System.err, terminal));
    }

    static int run(List<String> args, Duration limit, PrintStream out, PrintStream err,
            boolean terminal) throws InterruptedException {
        List<URI> urls;
        try {
            urls = args.stream().map(UrlTimings::parse).toList();
        } catch (IllegalArgumentException e) {
            err.println(e.getMessage());
            return 2;
        }
        try (HttpClient client = client()) {
            var timings = new UrlTimings(client, limit, out, terminal);
            return urls.isEmpty() ? timings.compare(LATENCIES) : timings.fetchAll(urls);
        } catch (IOException e) {
            err.println(e.getMessage());
            return 1;
        }
    }

    static HttpClient client() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NORMAL)
                .build();
    }

    // Eight URLs, fetched in several ways

    int compare(List<Duration> latencies) throws IOException, InterruptedException {
        try (var server = new FakeLatencyServer()) {
            List<URI> urls = serve(server, latencies);
            warmUp(server);
            out.printf("%d URLs from %s%n%n", urls.size(), server.uri());
            out.printf("%-22s %10s %9s %10s %11s%n",
                    "", "elapsed", "speed-up", "ideal", "over ideal");
            Run loop = loop(urls);
            printRow(loop, loop, latencies);
            var runs = new ArrayList<Run>(List.of(loop));
            for (int workers : List.of(4, 8, 13)) {
                runs.add(pool("pool of " + workers, workers, new ThreadPool(workers), urls));
                printRow(runs.getLast(), loop, latencies);
            }
            runs.add(pool("virtual thread per URL", urls.size(),
                    ThreadPool.ofVirtualThreads(urls.size()), urls));
            printRow(runs.getLast(), loop, latencies);
            runs.forEach(run -> out.printf("%n%s%n%s", run.name, run.timeline().text(WIDTH)));
            return 0;
        }
    }

    private Run loop(List<URI> urls) throws IOException, InterruptedException {
        var run = new Run("single thread", 1, urls.size());
        for (URI url : urls) {
            run.fetch(url);
        }
        return run.ended();
    }

    Run pool(String name, int workers, ThreadPool threads, List<URI> urls)
            throws IOException, InterruptedException {
        var run = new Run(name, workers, urls.size());
        try (ThreadPool pool = threads) {
            pool.map(run::fetch, urls);
        }
        return run.ended();
    }

    private void printRow(Run run, Run loop, List<Duration> latencies) {
        double elapsed = millis(run.elapsed);
        double ideal = millis(Makespan.of(latencies, run.workers));
        out.printf("%-22s %7.0f ms %8.1fx %7.0f ms %10.1f%%%n", run.name, elapsed,
                millis(loop.elapsed) / elapsed, ideal, 100 * (elapsed / ideal - 1));
    }

    static List<URI> serve(FakeLatencyServer server, List<Duration> latencies) {
        return latencies.stream()
                .map(latency -> server.route("/" + latency.toMillis() + "-ms",
                        Latency.fixed(latency)).uri())
                .toList();
    }

    /// The first requests of a JVM load the client's classes, which would count for the loop.
    void warmUp(FakeLatencyServer server) throws IOException, InterruptedException {
        URI url = server.route("/warm-up", Latency.none()).uri();
        try (var pool = new ThreadPool(WORKERS)) {
            pool.map(this::fetch, Stream.generate(() -> url).limit(50L * WORKERS).toList());
        }
    }

    // URLs of the user's

    private int fetchAll(List<URI> urls) throws InterruptedException {
        var progress = new Progress(urls.size());
        try (var pool = new ThreadPool(Math.min(WORKERS, urls.size()));
                Stream<Row> rows = pool.imap(url -> {
                    Row row = row(url);
                    progress.step();
                    return row;
                }, urls)) {
            List<Row> printed = rows.peek(row -> out.println(row.text)).toList();
            return printed.stream().allMatch(Row::fetched) ? 0 : 1;
        }
    }

    private Row row(URI url) throws InterruptedException {
        try {
            Page page = fetch(url);
            return new Row("%3d %,12d bytes %7.0f ms  %s".formatted(
                    page.status, page.bytes, millis(page.time), url), page.status / 100 == 2);
        } catch (IOException e) {
            return new Row("%s: %s".formatted(url, e.getMessage()), false);
        }
    }

    private record Row(String text, boolean fetched) {}

    // One URL

    record Page(int status, long bytes, Duration time) {}

    /// Waits at most the limit for the whole answer, while a request's own time-out ends with the
    /// head of the answer.
    private Page fetch(URI url) throws IOException, InterruptedException {
        long start = System.nanoTime();
        var bytes = new AtomicLong();
        CompletableFuture<HttpResponse<Void>> response = client.sendAsync(
                HttpRequest.newBuilder(url).build(),
                BodyHandlers.ofByteArrayConsumer(
                        part -> part.ifPresent(b -> bytes.addAndGet(b.length))));
        try {
            int status = response.get(limit.toMillis(), MILLISECONDS).statusCode();
            return new Page(status, bytes.get(), since(start));
        } catch (TimeoutException _) {
            throw new IOException("no answer within " + limit.toMillis() + " ms");
        } catch (ExecutionException e) {
            throw new IOException(reason(e), e);
        } finally {
            // Closes the connection if the answer has not come: also after an interrupt.
            response.cancel(true);
        }
    }

    private static URI parse(String argument) {
        try {
            URI url = URI.create(argument);
            checkArgument("http".equalsIgnoreCase(url.getScheme())
                    || "https".equalsIgnoreCase(url.getScheme()));
            checkArgument(url.getHost() != null && url.getPort() <= 65_535);
            return url;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("expected an http or https URL, not: " + argument,
                    e);
        }
    }

    private static String reason(Throwable failure) {
        List<Throwable> causes = Throwables.getCausalChain(failure);
        if (causes.stream().anyMatch(UnresolvedAddressException.class::isInstance)) {
            return "unknown host";
        }
        if (causes.stream().anyMatch(ConnectException.class::isInstance)) {
            return "cannot connect";
        }
        Throwable root = Throwables.getRootCause(failure);
        return requireNonNullElse(root.getMessage(), root.toString());
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private static double millis(Duration duration) {
        return duration.toNanos() / 1e6;
    }

    /// One way of fetching, timed from its making to its end.
    final class Run {
        final String name;
        final int workers;
        private final Progress progress;
        private final Queue<Span> spans = new ConcurrentLinkedQueue<>();
        private final long start = System.nanoTime();
        Duration elapsed = Duration.ZERO;

        Run(String name, int workers, int urls) {
            this.name = name;
            this.workers = workers;
            this.progress = new Progress(urls);
        }

        Page fetch(URI url) throws IOException, InterruptedException {
            Duration from = since(start);
            Page page = UrlTimings.this.fetch(url);
            spans.add(new Span(Thread.currentThread().getName(), url.getPath(), from, since(start),
                    false));
            progress.step();
            return page;
        }

        Run ended() {
            elapsed = since(start);
            return this;
        }

        /// A lane for each worker, in the order in which they began.
        Timeline timeline() {
            return new Timeline(spans.stream().sorted(Comparator.comparing(Span::start)).toList());
        }
    }

    /// On a terminal, a line that counts up and is overwritten by the next row.
    private final class Progress {
        private final int total;
        private final AtomicInteger done = new AtomicInteger();

        Progress(int total) {
            this.total = total;
        }

        void step() {
            if (terminal) {
                out.printf("%d of %d\r", done.incrementAndGet(), total);
            }
        }
    }
}

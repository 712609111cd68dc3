package com.example.threading.poolmap.demo;

import static com.example.threading.poolmap.Outcome.settled;
import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.MILLISECONDS;

import com.example.threading.common.CommandLine;
import com.example.threading.common.CommandLine.BadArgument;
import com.example.threading.common.FakeLatencyServer;
import com.example.threading.common.Latency;
import com.example.threading.common.Makespan;
import com.example.threading.common.Reason;
import com.example.threading.common.Timeline;
import com.example.threading.common.Timeline.Span;
import com.example.threading.poolmap.InterruptibleFunction;
import com.example.threading.poolmap.Outcome;
import com.example.threading.poolmap.Outcome.Failure;
import com.example.threading.poolmap.Outcome.Success;
import com.example.threading.poolmap.ThreadPool;
import java.io.Console;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// How much faster a pool fetches a list of URLs than a loop does: the program of the Python
/// answer, with its table.
///
/// Without arguments it fetches eight URLs from a server of its own: with a loop, with pools of
/// several sizes, and on virtual threads. With URLs as arguments it fetches those, and tells what
/// became of each.
public final class UrlTimings {

    private static final String USAGE = """
            Usage: UrlTimings [URL]...

            Without URLs, starts a server of its own, fetches eight pages from it with a loop,
            with pools of several sizes and on virtual threads, and prints how long each took.
            With URLs, fetches those, at most eight at a time and each within ten seconds, and
            prints what became of each.

            The exit status is 0 if every page was fetched, 1 if one was not, and 2 if an
            argument is not a URL.
            """;

    /// What eight pages of one site might take.
    static final List<Duration> LATENCIES = Stream
            .of(130, 180, 90, 420, 150, 210, 110, 310)
            .map(Duration::ofMillis)
            .toList();

    static final Way LOOP = new Way("single thread", 1, (fetch, urls) -> {
        var pages = new ArrayList<Page>();
        for (URI url : urls) {
            pages.add(fetch.apply(url));
        }
        return pages;
    });

    static final Way POOL_OF_4 = Way.pool("pool of 4", 4, Thread::ofPlatform);

    /// The rows of the table.
    static final List<Way> WAYS = List.of(
            LOOP,
            POOL_OF_4,
            Way.pool("pool of 8", 8, Thread::ofPlatform),
            Way.pool("pool of 13", 13, Thread::ofPlatform),
            Way.pool("virtual thread per URL", LATENCIES.size(), Thread::ofVirtual));

    static final String HEADER = String.format(Locale.ROOT, "%-22s %10s %9s %10s %11s",
            "", "elapsed", "speed-up", "ideal", "over ideal");

    private static final int WORKERS = 8;
    private static final int WARM_UP_ROUNDS = 25;

    /// Where the width of the terminal is not known.
    private static final int COLUMNS = 80;

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
    /// an error page, or a redirect that leads nowhere), and 2 if an argument is not a URL.
    ///
    /// @param args the URLs, http or https; none for those of the program's own server
    @SuppressWarnings("SystemConsoleNull") // JDK 25 gives null again where there is no terminal
    public static void main(String[] args) {
        Console console = System.console();
        boolean terminal = console != null && console.isTerminal();
        int columns = terminal ? columns() : COLUMNS;
        System.exit(run(List.of(args), Duration.ofSeconds(10), System.out, System.err, terminal,
                columns));
    }

    static int run(List<String> args, Duration limit, PrintStream out, PrintStream err,
            boolean terminal, int columns) {
        return CommandLine.run(USAGE, args, out, err, (arguments, _, _) -> {
            List<URI> urls = arguments.stream().map(UrlTimings::parse).toList();
            try (HttpClient client = client()) {
                var timings = new UrlTimings(client, limit, out, terminal);
                return urls.isEmpty()
                        ? timings.compare(LATENCIES, columns)
                        : timings.fetchAll(urls);
            }
        });
    }

    static HttpClient client() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NORMAL)
                .build();
    }

    private static URI parse(String argument) {
        try {
            return CommandLine.url(argument);
        } catch (BadArgument mistake) {
            throw new BadArgument(mistake.getMessage() + hint(argument));
        }
    }

    private static String hint(String argument) {
        if (argument.startsWith("-")) {
            return "; --help shows the usage";
        }
        boolean onlyLacksTheScheme = argument.matches("\\w[\\w.-]*(:\\d+)?(/\\S*)?");
        return onlyLacksTheScheme ? "; did you mean https://" + argument + "?" : "";
    }

    /// How wide the terminal is. Java cannot tell, but a command of the operating system can.
    private static int columns() {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(new File("/dev/tty"))
                    .start();
            String size = stty.inputReader().readLine();
            if (size != null && size.matches("\\d+ \\d{2,4}")) {
                return Integer.parseInt(size.substring(size.indexOf(' ') + 1));
            }
        } catch (IOException _) {
            // There is no such command, as on Windows.
        }
        return COLUMNS;
    }

    // Eight URLs, fetched in several ways

    /// One way of fetching a list of URLs.
    ///
    /// @param workers how many URLs are fetched at a time
    record Way(String name, int workers, Mapper mapper) {

        /// A pool whose threads are named after it.
        static Way pool(String name, int workers, Supplier<? extends Thread.Builder> threads) {
            String prefix = name.replace(' ', '-') + "-";
            return new Way(name, workers, (fetch, urls) -> {
                try (var pool = new ThreadPool(workers, threads.get().name(prefix, 1).factory())) {
                    return pool.map(fetch, urls);
                }
            });
        }
    }

    @FunctionalInterface
    interface Mapper {
        List<Page> map(InterruptibleFunction<URI, Page, IOException> fetch, List<URI> urls)
                throws IOException, InterruptedException;
    }

    /// What came of it.
    record Run(Way way, Duration elapsed, List<Span> spans) {}

    int compare(List<Duration> latencies, int columns) throws IOException, InterruptedException {
        try (var server = new FakeLatencyServer()) {
            List<URI> urls = serve(server, latencies);
            warmUp(server);
            out.printf("%d URLs from %s%n%n%s%n", urls.size(), server.uri(), HEADER);
            var runs = new ArrayList<Run>();
            for (Way way : WAYS) {
                Run run = run(way, urls);
                runs.add(run);
                out.println(row(way, run.elapsed, runs.getFirst().elapsed,
                        Makespan.of(latencies, way.workers)));
            }
            out.printf(Locale.ROOT, "%nThe server itself answered %.1f ms late, on average.%n",
                    millisLate(server));
            runs.forEach(run -> out.printf("%n%s%n%s", run.way.name, lanes(run).text(columns)));
            return 0;
        }
    }

    static List<URI> serve(FakeLatencyServer server, List<Duration> latencies) {
        return latencies.stream()
                .map(latency -> server.route("/" + latency.toMillis() + "-ms",
                        Latency.fixed(latency)).uri())
                .toList();
    }

    /// Does what is measured later, in every way, so that no row pays for the loading and the
    /// compiling of what it uses first, or for the opening of connections.
    void warmUp(FakeLatencyServer server) throws IOException, InterruptedException {
        URI url = server.route("/warm-up", Latency.none()).uri();
        List<URI> urls = Collections.nCopies(LATENCIES.size(), url);
        for (int round = 0; round < WARM_UP_ROUNDS; round++) {
            for (Way way : WAYS) {
                way.mapper.map(this::fetch, urls);
            }
        }
    }

    Run run(Way way, List<URI> urls) throws IOException, InterruptedException {
        var progress = new Progress(urls.size());
        Queue<Span> spans = new ConcurrentLinkedQueue<>();
        long start = System.nanoTime();
        way.mapper.map(url -> {
            Duration from = since(start);
            Page page = fetch(url);
            spans.add(new Span(Thread.currentThread().getName(), url.getPath(), from, since(start),
                    false));
            progress.step();
            return page;
        }, urls);
        return new Run(way, since(start), List.copyOf(spans));
    }

    static String row(Way way, Duration elapsed, Duration loop, Duration ideal) {
        return String.format(Locale.ROOT, "%-22s %7.0f ms %8.1fx %7.0f ms %10.1f%%", way.name,
                millis(elapsed), millis(loop) / millis(elapsed), millis(ideal),
                100 * (millis(elapsed) / millis(ideal) - 1));
    }

    /// How much later than planned the server answered those requests that have a delay.
    private static double millisLate(FakeLatencyServer server) {
        return server.log().stream()
                .filter(exchange -> exchange.ended() != null && !exchange.planned().isZero())
                .mapToDouble(exchange -> millis(requireNonNull(exchange.ended())
                        .minus(exchange.arrived()).minus(exchange.planned())))
                .average().orElse(0);
    }

    private static Timeline lanes(Run run) {
        return new Timeline(run.spans.stream()
                .sorted(Comparator.comparing(Span::lane).thenComparing(Span::start))
                .toList());
    }

    // URLs of the user's

    private int fetchAll(List<URI> urls) throws InterruptedException {
        var progress = new Progress(urls.size());
        InterruptibleFunction<URI, Page, IOException> counted = url -> {
            try {
                return fetch(url);
            } finally {
                progress.step();
            }
        };
        boolean all = true;
        try (var pool = new ThreadPool(Math.min(WORKERS, urls.size()));
                Stream<Outcome<URI, Page>> outcomes = pool.imap(settled(counted), urls)) {
            for (var next = outcomes.iterator(); next.hasNext();) {
                Outcome<URI, Page> outcome = next.next();
                out.println(row(outcome));
                all &= outcome instanceof Success<URI, Page>(_, Page page)
                        && page.status / 100 == 2;
            }
        }
        return all ? 0 : 1;
    }

    private static String row(Outcome<URI, Page> outcome) {
        return switch (outcome) {
            case Success<URI, Page>(URI url, Page page) -> String.format(Locale.ROOT,
                    "%3d %,12d bytes %7.0f ms  %s", page.status, page.bytes, millis(page.time),
                    url);
            case Failure<URI, Page>(URI url, Exception e) -> url + ": " + Reason.of(e);
        };
    }

    // One URL

    record Page(int status, long bytes, Duration time) {}

    /// Waits at most the limit for the whole answer. A time-out of the request itself would end
    /// with the head of the answer.
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
            throw new IOException(e);
        } finally {
            // Closes the connection if the answer has not come, also after an interrupt.
            response.cancel(true);
        }
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private static double millis(Duration duration) {
        return duration.toNanos() / 1e6;
    }

    /// On a terminal, a line that counts up and that the next row overwrites. Several workers
    /// count, so that counting and printing are one step: otherwise a smaller number could be
    /// printed after a larger one.
    private final class Progress {
        private final int total;
        private int done;

        Progress(int total) {
            this.total = total;
        }

        synchronized void step() {
            done++;
            if (terminal) {
                out.printf("%d of %d\r", done, total);
            }
        }
    }
}

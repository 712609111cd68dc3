package com.example.threading.firstresponse.demo;

import com.example.threading.common.Answer;
import com.example.threading.common.CommandLine;
import com.example.threading.common.Exchange;
import com.example.threading.common.FakeLatencyServer;
import com.example.threading.common.Latency;
import com.example.threading.common.Reason;
import com.example.threading.common.Route;
import com.example.threading.common.Timeline;
import com.example.threading.firstresponse.FirstResponse;
import com.example.threading.firstresponse.FirstResponse.AllFailedException;
import com.example.threading.firstresponse.FirstResponse.Winner;
import com.google.common.math.Quantiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/// Asks several mirrors for the same page and takes the first good answer.
///
/// With URLs as arguments it races those. Without, it races mirrors on a server of its own and
/// shows what became of the losers, then what a hedge does for a service whose latency has a long
/// tail.
public final class FastestMirror implements AutoCloseable {

    private static final String USAGE = """
            usage: FastestMirror [URL...]
            Asks all URLs at once and takes the first answer with a status of 2xx.
            Without URLs it asks mirrors on a server of its own.
            """;

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int REQUESTS = 500;
    private static final int AT_A_TIME = 8;
    // Half of the answers within 4 ms, one in ten later than 50 ms, one in a hundred than 400 ms.
    private static final Latency LONG_TAIL = Latency.logNormal(Duration.ofMillis(4),
            Duration.ofMillis(400), Duration.ofSeconds(1));
    private static final List<String> MIRRORS = List.of("/mirror-1", "/mirror-2", "/mirror-3");

    // One for all requests: a client of its own for each costs ten times as much.
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();
    private final PrintStream out;

    FastestMirror(PrintStream out) {
        this.out = out;
    }

    /// Runs the example. The exit status is 0, 1 if no mirror gave a good answer, and 2 if an
    /// argument is no URL.
    ///
    /// @param args the URLs to race; none for the embedded mirrors
    public static void main(String[] args) {
        System.exit(run(List.of(args), System.out, System.err));
    }

    static int run(List<String> args, PrintStream out, PrintStream err) {
        return CommandLine.run(USAGE, args, out, err, FastestMirror::race);
    }

    private static int race(List<String> args, PrintStream out, PrintStream err) throws Exception {
        List<URI> urls = args.stream().map(CommandLine::url).toList();
        try (var example = new FastestMirror(out)) {
            if (!urls.isEmpty()) {
                return example.raceForReal(urls, err);
            }
            example.raceOnTheEmbeddedServer();
            example.hedgeALongTail();
            return 0;
        }
    }

    /// Unlike the client's own `close`, waits for nobody: a loser may still be looking up a name.
    @Override
    public void close() {
        client.shutdownNow();
    }

    private int raceForReal(List<URI> mirrors, PrintStream err) throws Exception {
        out.println("Asking " + mirrors.size() + (mirrors.size() == 1 ? " mirror" : " mirrors"));
        try {
            var winner = race(mirrors).within(PATIENCE).winner();
            return show(mirrors.get(winner.number()), winner, err);
        } catch (AllFailedException e) {
            show(e, e.failures().stream(), err);
        } catch (TimeoutException e) {
            show(e, Stream.of(e.getSuppressed()), err);
        }
        return 1;
    }

    private int show(URI url, Winner<HttpResponse<InputStream>> winner, PrintStream err)
            throws IOException, InterruptedException {
        try {
            long bytes = sizeOf(winner.result());
            out.printf("%s won after %d ms: status %d, %d bytes%n", url,
                    winner.elapsed().toMillis(), winner.result().statusCode(), bytes);
            return 0;
        } catch (ExecutionException | TimeoutException e) {
            err.println(url + " won, but its body could not be read: " + Reason.of(e));
            return 1;
        }
    }

    private static void show(Exception e, Stream<Throwable> failures, PrintStream err) {
        err.println(e.getMessage());
        failures.forEach(failure -> err.println("  " + failure.getMessage()));
    }

    /// A response is there as soon as its head is. The body of a loser is closed unread.
    private FirstResponse<HttpResponse<InputStream>> race(List<URI> mirrors) {
        return FirstResponse.of(mirrors.stream().map(this::fetch).toList())
                .closing(HttpResponse::body);
    }

    private Callable<HttpResponse<InputStream>> fetch(URI url) {
        HttpRequest request = HttpRequest.newBuilder(url).build();
        return () -> {
            try {
                return good(send(request));
            } catch (ExecutionException | IOException | IllegalArgumentException e) {
                throw new IOException(url + ": " + Reason.of(e), e);
            }
        };
    }

    /// As the client's own `send`, which loses a response that comes together with an interrupt:
    /// nobody could close its body.
    private HttpResponse<InputStream> send(HttpRequest request)
            throws IOException, InterruptedException, ExecutionException {
        var response = client.sendAsync(request, BodyHandlers.ofInputStream());
        try {
            return response.get();
        } catch (InterruptedException e) {
            if (!response.cancel(true)) {
                response.join().body().close();
            }
            throw e;
        }
    }

    /// Only a status of 2xx is an answer. Neither an error page nor a redirect that leads nowhere
    /// wins.
    private static HttpResponse<InputStream> good(HttpResponse<InputStream> response)
            throws IOException {
        if (response.statusCode() / 100 != 2) {
            response.body().close();
            throw new IOException("status " + response.statusCode());
        }
        return response;
    }

    /// Reads the body to its end. A race of one is a deadline: no mirror holds the reader up for
    /// longer.
    private static long sizeOf(HttpResponse<InputStream> response)
            throws IOException, InterruptedException, ExecutionException, TimeoutException {
        try (InputStream body = response.body()) {
            return FirstResponse.of(() -> body.transferTo(OutputStream.nullOutputStream()))
                    .within(PATIENCE).get();
        }
    }

    private void raceOnTheEmbeddedServer() throws Exception {
        try (var server = new FakeLatencyServer()) {
            raceOn(server, fourMirrors(server));
        }
    }

    static List<Route> fourMirrors(FakeLatencyServer server) {
        return List.of(
                server.route("/slow", Latency.fixed(Duration.ofMillis(500))),
                server.route("/failing", Latency.fixed(Duration.ofMillis(30)), Answer.status(503)),
                server.route("/fast", Latency.fixed(Duration.ofMillis(100))),
                server.route("/silent", Latency.none(), Answer.never()));
    }

    Timeline raceOn(FakeLatencyServer server, List<Route> mirrors) throws Exception {
        warmUp(server);
        out.println("Four mirrors, all asked at once");
        Winner<HttpResponse<InputStream>> winner = race(mirrors.stream().map(Route::uri).toList())
                .winner();
        sizeOf(winner.result());
        out.printf("  %s won after %d ms%n", mirrors.get(winner.number()).path(),
                winner.elapsed().toMillis());

        server.awaitInFlight(0);
        Timeline picture = picture(mirrors);
        out.println("  What the server saw (x: aborted by the client)");
        out.println(picture.text(76).indent(4));
        return picture;
    }

    /// The first races load hundreds of classes.
    private void warmUp(FakeLatencyServer server) throws Exception {
        Route warmUp = server.route("/warm-up", Latency.none());
        var race = race(Collections.nCopies(4, warmUp.uri()));
        for (int i = 0; i < 20; i++) {
            sizeOf(race.get());
        }
    }

    private static Timeline picture(List<Route> mirrors) {
        return new Timeline(mirrors.stream().flatMap(mirror -> mirror.log().stream())
                .map(exchange -> new Timeline.Span(
                        exchange.route(),
                        exchange.outcome().toString().toLowerCase(Locale.ROOT),
                        exchange.arrived(),
                        Objects.requireNonNull(exchange.ended(), "the race is over"),
                        exchange.outcome() == Exchange.Outcome.ABORTED))
                .toList());
    }

    private void hedgeALongTail() throws Exception {
        out.printf("A long tail: %d requests, %d at a time, to one mirror and hedged over %d%n",
                REQUESTS, AT_A_TIME, MIRRORS.size());
        out.println("                        p50     p90     p95     p99  requests");
        Map<Integer, Double> alone = measure("one mirror", MIRRORS.subList(0, 1), Duration.ZERO);
        Duration usual = Duration.ofMillis(Math.round(alone.getOrDefault(90, 0.0)));
        measure("hedged after %2d ms".formatted(usual.toMillis()), MIRRORS, usual);
    }

    /// Each measurement has a new server, which draws the same latencies again.
    private Map<Integer, Double> measure(String title, List<String> mirrors, Duration stagger)
            throws Exception {
        try (var server = new FakeLatencyServer();
                var clients = Executors.newFixedThreadPool(AT_A_TIME,
                        Thread.ofPlatform().name("client-", 1).factory())) {
            List<URI> urls = mirrors.stream()
                    .map(mirror -> server.route(mirror, LONG_TAIL).uri()).toList();
            FirstResponse<HttpResponse<InputStream>> race = race(urls).staggeredBy(stagger);

            Map<Integer, Double> millis = percentiles(
                    clients.invokeAll(Collections.nCopies(REQUESTS, () -> millisOf(race))));

            server.awaitInFlight(0);
            int extra = server.accepted() - REQUESTS;
            out.printf(Locale.ROOT, "  %-19s%4.0f ms %4.0f ms %4.0f ms %4.0f ms  %d (+%.1f %%)%n",
                    title, millis.get(50), millis.get(90), millis.get(95), millis.get(99),
                    server.accepted(), 100.0 * extra / REQUESTS);
            return millis;
        }
    }

    private static double millisOf(FirstResponse<HttpResponse<InputStream>> race)
            throws Exception {
        var winner = race.winner();
        sizeOf(winner.result());
        return winner.elapsed().toNanos() / 1e6;
    }

    static Map<Integer, Double> percentiles(List<Future<Double>> races)
            throws InterruptedException, ExecutionException {
        List<Double> millis = new ArrayList<>();
        for (Future<Double> race : races) {
            millis.add(race.get());
        }
        return Quantiles.percentiles().indexes(50, 90, 95, 99).compute(millis);
    }
}

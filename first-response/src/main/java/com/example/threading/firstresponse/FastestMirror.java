package com.example.threading.firstresponse;

import com.example.threading.common.Answer;
import com.example.threading.common.Exchange;
import com.example.threading.common.FakeLatencyServer;
import com.example.threading.common.Latency;
import com.example.threading.common.Route;
import com.example.threading.common.Timeline;
import com.google.common.base.Preconditions;
import com.google.common.base.Stopwatch;
import com.google.common.math.Quantiles;
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
import org.apache.commons.lang3.exception.ExceptionUtils;

/// Asks several mirrors for the same page and takes the first good answer.
///
/// With URLs as arguments it races those. Without, it races mirrors on a server of its own and
/// shows what became of the losers, then what a hedge does for a service whose latency has a long
/// tail.
public final class FastestMirror implements AutoCloseable {

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
    /// @throws Exception if the thread is interrupted or the example itself fails
    public static void main(String[] args) throws Exception {
        System.exit(run(List.of(args), System.out, System.err));
    }

    static int run(List<String> urls, PrintStream out, PrintStream err) throws Exception {
        List<HttpRequest> requests;
        try {
            requests = urls.stream().map(FastestMirror::request).toList();
        } catch (IllegalArgumentException e) {
            err.println(e.getMessage());
            return 2;
        }
        try (var example = new FastestMirror(out)) {
            if (!requests.isEmpty()) {
                return example.raceForReal(requests, err);
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

    private static HttpRequest request(String url) {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create(url)).build();
            // The client itself would look at the port only when it connects.
            int port = request.uri().getPort();
            Preconditions.checkArgument(port <= 65_535, "no port is above 65535: %s", port);
            return request;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("'" + url
                    + "' is not a URL; expected one like https://example.com/: " + e.getMessage(),
                    e);
        }
    }

    private int raceForReal(List<HttpRequest> mirrors, PrintStream err)
            throws InterruptedException {
        out.println("Asking " + mirrors.size() + (mirrors.size() == 1 ? " mirror" : " mirrors"));
        var stopwatch = Stopwatch.createStarted();
        try {
            HttpResponse<byte[]> winner = FirstResponse.of(fetches(mirrors)).within(PATIENCE).get();
            out.printf("%s won after %d ms: status %d, %d bytes%n", winner.request().uri(),
                    stopwatch.elapsed().toMillis(), winner.statusCode(), winner.body().length);
            return 0;
        } catch (FirstResponse.AllFailedException e) {
            err.println(e.getMessage());
            e.failures().forEach(failure -> err.println("  " + failure.getMessage()));
        } catch (TimeoutException e) {
            err.println(e.getMessage());
            Stream.of(e.getSuppressed()).forEach(
                    failure -> err.println("  " + failure.getMessage()));
        }
        return 1;
    }

    private List<Callable<HttpResponse<byte[]>>> fetches(List<HttpRequest> mirrors) {
        return mirrors.stream().<Callable<HttpResponse<byte[]>>>map(m -> () -> fetch(m)).toList();
    }

    /// Only a status of 2xx is an answer. Neither an error page nor a redirect that leads nowhere
    /// wins.
    private HttpResponse<byte[]> fetch(HttpRequest request)
            throws IOException, InterruptedException {
        HttpResponse<byte[]> response;
        try {
            response = client.send(request, BodyHandlers.ofByteArray());
        } catch (IOException | IllegalArgumentException e) {
            throw new IOException(request.uri() + ": " + reason(e), e);
        }
        if (response.statusCode() / 100 != 2) {
            throw new IOException(
                    request.uri() + ": status " + response.statusCode());
        }
        return response;
    }

    /// To the client, an unknown host and a refused connection are the same exception, without a
    /// message.
    private static String reason(Exception e) {
        if (ExceptionUtils.getRootCause(e) instanceof UnresolvedAddressException) {
            return "unknown host";
        }
        return e instanceof ConnectException && e.getMessage() == null
                ? "cannot connect"
                : e.toString();
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
        var stopwatch = Stopwatch.createStarted();
        List<String> paths = mirrors.stream().map(Route::path).toList();
        HttpResponse<byte[]> winner = FirstResponse.of(fetches(requests(server, paths))).get();
        out.printf("  %s won after %d ms%n", winner.request().uri().getPath(),
                stopwatch.elapsed().toMillis());

        server.awaitInFlight(0);
        Timeline picture = picture(mirrors);
        out.println("  What the server saw (x: the client hung up)");
        out.println(picture.text(76).indent(4));
        return picture;
    }

    private static List<HttpRequest> requests(FakeLatencyServer server, List<String> paths) {
        return paths.stream().map(path -> HttpRequest.newBuilder(server.uri(path)).build())
                .toList();
    }

    /// The first races load hundreds of classes.
    private void warmUp(FakeLatencyServer server) throws Exception {
        server.route("/warm-up", Latency.none());
        var race = FirstResponse.of(fetches(requests(server, Collections.nCopies(4, "/warm-up"))));
        for (int i = 0; i < 20; i++) {
            race.get();
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
            mirrors.forEach(mirror -> server.route(mirror, LONG_TAIL));
            FirstResponse<?> race = FirstResponse.of(fetches(requests(server, mirrors)))
                    .staggeredBy(stagger);

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

    private static double millisOf(FirstResponse<?> race)
            throws InterruptedException, ExecutionException, TimeoutException {
        long began = System.nanoTime();
        race.get();
        return (System.nanoTime() - began) / 1e6;
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

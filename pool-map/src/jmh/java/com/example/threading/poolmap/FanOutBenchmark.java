package com.example.threading.poolmap;

import com.example.threading.common.FakeLatencyServer;
import com.example.threading.common.Latency;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// 5000 requests that take a second each, on 5000 virtual workers: a second would be ideal.
///
/// Client and server share this process, so a request in flight takes two file descriptors: the
/// limit must be above 10,000 (`ulimit -n`).
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 1)
@Measurement(iterations = 5)
@Fork(1)
@State(Scope.Benchmark)
public class FanOutBenchmark {

    private static final int REQUESTS = 5000;

    private FakeLatencyServer server = new FakeLatencyServer();
    private HttpClient client = HttpClient.newHttpClient();
    private List<URI> urls = List.of();

    /// A server and a client for each shot, so that each makes all its connections.
    @Setup(Level.Iteration)
    public void open() {
        server = new FakeLatencyServer();
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        urls = Collections.nCopies(REQUESTS,
                server.route("/takes-a-second", Latency.fixed(Duration.ofSeconds(1))).uri());
    }

    /// Ends both.
    @TearDown(Level.Iteration)
    public void close() {
        client.shutdownNow();
        server.close();
    }

    /// Until all answers are there and the pool has ended.
    @Benchmark
    public List<Integer> fiveThousandRequestsOfASecond() throws Exception {
        try (var pool = ThreadPool.ofVirtualThreads(REQUESTS)) {
            return pool.map(url -> client.send(HttpRequest.newBuilder(url).build(),
                    BodyHandlers.ofString()).statusCode(), urls);
        }
    }
}

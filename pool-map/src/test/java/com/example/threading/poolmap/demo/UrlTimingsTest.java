package com.example.threading.poolmap.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.example.threading.common.Answer;
import com.example.threading.common.FakeLatencyServer;
import com.example.threading.common.Latency;
import com.example.threading.common.NoLeaks;
import com.example.threading.common.Route;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What [UrlTimings] prints, and the status with which it exits.
@ExtendWith(NoLeaks.class)
class UrlTimingsTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    /// The first request of a JVM loads the client's classes, which can take longer than a limit.
    @BeforeAll
    static void warmUp() throws InterruptedException {
        try (var server = new FakeLatencyServer()) {
            assertThat(run(LONG, server.route("/", Latency.none()).uri()).status).isZero();
        }
    }

    @AutoClose
    private final FakeLatencyServer server = new FakeLatencyServer();

    @Test
    void itComparesALoopWithPools() throws Exception {
        var out = new ByteArrayOutputStream();
        try (var client = UrlTimings.client()) {
            var timings = new UrlTimings(client, LONG, new PrintStream(out, true, UTF_8), false);
            int status = timings.compare(UrlTimings.LATENCIES.stream()
                    .map(latency -> latency.dividedBy(10)).toList(), 80);
            assertThat(status).isZero();
        }

        List<String> lines = out.toString(UTF_8).lines().toList();
        assertThat(lines.getFirst()).startsWith("8 URLs from http://127.0.0.1:");
        List<String> rows = lines.stream().filter(line -> line.contains("%")).toList();
        assertThat(rows).hasSize(5);
        assertThat(rows.get(0)).startsWith("single thread ");
        assertThat(rows.get(1)).startsWith("pool of 4 ");
        assertThat(rows.get(2)).startsWith("pool of 8 ");
        assertThat(rows.get(3)).startsWith("pool of 13 ");
        assertThat(rows.get(4)).startsWith("virtual thread");
        assertThat(lines).allSatisfy(
                line -> assertThat(line.length()).as(line).isLessThanOrEqualTo(80));
        assertThat(lines).filteredOn(line -> line.startsWith("pool-of-4-")).isNotEmpty()
                .hasSizeLessThanOrEqualTo(4);
        assertThat(lines).anyMatch(line -> line.startsWith("virtual-thread-per-URL-1 "));
        // The delays are a lower bound that no row can be under.
        assertThat(rows).allSatisfy(row -> assertThat(row).doesNotContain("-"));
    }

    @Test
    void everyUrlIsReportedInOrderWithItsStatusAndSize() throws Exception {
        URI first = server.route("/first", Latency.fixed(Duration.ofMillis(50)),
                Answer.ok("12345")).uri();
        URI second = server.route("/second", Latency.none(), Answer.ok("1")).uri();

        Run run = run(LONG, first, second);

        assertThat(run.status).isZero();
        assertThat(run.rows()).hasSize(2);
        assertThat(run.rows().get(0)).matches("200 +5 bytes .* ms  " + first);
        assertThat(run.rows().get(1)).matches("200 +1 bytes .* ms  " + second);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nonsense", "http://", "ftp://127.0.0.1/a", "http://a b/", "",
            "mailto:a@b.invalid", "//127.0.0.1/a"})
    void anArgumentThatIsNoUrlIsNamedAndNothingIsFetched(String argument) throws Exception {
        URI good = server.route("/good", Latency.none()).uri();

        Run run = run(LONG, good, argument);

        assertThat(run.status).isEqualTo(2);
        assertThat(run.err.lines()).singleElement().asString()
                .startsWith("expected a URL such as https://example.com/, but it is '"
                        + argument + "'");
        assertThat(run.out).isEmpty();
        assertThat(server.accepted()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
            "example.com, did you mean https://example.com?",
            "localhost:8080/a?b, did you mean https://localhost:8080/a?b?",
            "nonsense, did you mean https://nonsense?",
            "-v, --help shows the usage"})
    void anArgumentWithoutASchemeGetsAHint(String argument, String hint) throws Exception {
        Run run = run(LONG, argument);

        assertThat(run.status).isEqualTo(2);
        assertThat(run.err.lines()).singleElement().asString().endsWith("'; " + hint);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://127.0.0.1/a", "mailto:a@b.invalid", ""})
    void anotherSchemeGetsNoHint(String argument) throws Exception {
        assertThat(run(LONG, argument).err.lines()).singleElement().asString()
                .endsWith("but it is '" + argument + "'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "-h"})
    void helpIsPrintedAndNothingIsFetched(String help) throws Exception {
        Run run = run(LONG, server.route("/page", Latency.none()).uri(), help);

        assertThat(run.status).isZero();
        assertThat(run.out).startsWith("Usage: UrlTimings [URL]...");
        assertThat(run.err).isEmpty();
        assertThat(server.accepted()).isZero();
    }

    @Test
    void aRefusedConnectionIsReportedAndTheOthersToo() throws Exception {
        expectReport(URI.create("http://127.0.0.1:" + unusedPort() + "/"), "connection refused");
    }

    @Test
    void anUnknownHostIsReportedAndTheOthersToo() throws Exception {
        expectReport(URI.create("http://nowhere.invalid/"), "unknown host");
    }

    @ParameterizedTest
    @ValueSource(ints = {300, 400, 404, 500, 503})
    void anErrorStatusIsReportedAndTheOthersToo(int status) throws Exception {
        expectReport(server.route("/error", Latency.none(), Answer.status(status)).uri(),
                Integer.toString(status));
    }

    @Test
    void whatIsNotThereWithinTheLimitIsReportedAndTheOthersToo() throws Exception {
        Route before = server.route("/before", Latency.none());
        Route never = server.route("/never", Latency.none(), Answer.never());
        Route drip = server.route("/drip", Latency.none(),
                Answer.slowDrip("12345678", 8, Duration.ofSeconds(1)));
        Route after = server.route("/after", Latency.none());

        Run run = run(Duration.ofMillis(900), before.uri(), never.uri(), drip.uri(), after.uri());

        assertThat(run.status).isEqualTo(1);
        assertThat(run.rows()).hasSize(4);
        assertThat(run.rows().get(0)).startsWith("200").endsWith(before.uri().toString());
        assertThat(run.rows().get(1)).isEqualTo(never.uri() + ": no answer within 900 ms");
        assertThat(run.rows().get(2)).isEqualTo(drip.uri() + ": no answer within 900 ms");
        assertThat(run.rows().get(3)).startsWith("200").endsWith(after.uri().toString());
        never.awaitAborted(1);
        drip.awaitAborted(1);
    }

    @Test
    void aBodyThatBreaksOffIsReportedAndTheOthersToo() throws Exception {
        expectReport(server.route("/reset", Latency.none(), Answer.resetAfter("page", 2)).uri(),
                "reset");
    }

    @Test
    void progressIsShownOnATerminalOnly() throws Exception {
        URI url = server.route("/page", Latency.none()).uri();

        assertThat(runOn(false, LONG, url).out).doesNotContain("\r");
        assertThat(runOn(true, LONG, url, url).out).contains("1 of 2\r", "2 of 2\r");
    }

    @Test
    void progressCountsUp() throws Exception {
        URI url = server.route("/page", Latency.none()).uri();

        var out = new ByteArrayOutputStream();
        // A worker that has counted may be late to print, by a pause as a scheduler makes it.
        var late = new PrintStream(out, true, UTF_8) {
            @Override
            @SuppressWarnings("AnnotateFormatMethod") // it only passes them on
            public PrintStream printf(String format, Object... args) {
                LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(500_000));
                return super.printf(format, args);
            }
        };
        int status = UrlTimings.run(Collections.nCopies(200, url.toString()), LONG, late, late,
                true, 80);

        assertThat(status).isZero();
        assertThat(Pattern.compile("(\\d+) of 200\\r").matcher(out.toString(UTF_8)).results()
                .map(match -> Integer.valueOf(match.group(1))))
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 200).boxed().toList());
    }

    /// Fetches the bad one between two good ones.
    private void expectReport(URI bad, String report) throws Exception {
        URI before = server.route("/before", Latency.none()).uri();
        URI after = server.route("/after", Latency.none()).uri();

        Run run = run(LONG, before, bad, after);

        assertThat(run.status).isEqualTo(1);
        assertThat(run.rows()).hasSize(3);
        assertThat(run.rows().get(0)).startsWith("200").endsWith(before.toString());
        assertThat(run.rows().get(1)).contains(report, bad.toString());
        assertThat(run.rows().get(2)).startsWith("200").endsWith(after.toString());
        assertThat(run.err).isEmpty();
        assertThat(run.out).as("a trace of a stack").doesNotContain("\tat ");
    }

    private static int unusedPort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private record Run(int status, String out, String err) {
        List<String> rows() {
            return out.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
        }
    }

    private static Run run(Duration limit, Object... args) throws InterruptedException {
        return runOn(false, limit, args);
    }

    private static Run runOn(boolean terminal, Duration limit, Object... args)
            throws InterruptedException {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int status = UrlTimings.run(Stream.of(args).map(Object::toString).toList(), limit,
                new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), terminal, 80);
        return new Run(status, out.toString(UTF_8), err.toString(UTF_8));
    }
}

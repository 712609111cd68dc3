package com.example.threading.firstresponse.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.example.threading.common.Answer;
import com.example.threading.common.FakeLatencyServer;
import com.example.threading.common.FakeLatencyServerExtension;
import com.example.threading.common.Latency;
import com.example.threading.common.NoLeaks;
import com.example.threading.common.Route;
import com.example.threading.common.Timeline;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The example as its user sees it: what it prints, where, and with which exit status.
@ExtendWith({NoLeaks.class, FakeLatencyServerExtension.class})
class FastestMirrorTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final FakeLatencyServer server;

    FastestMirrorTest(FakeLatencyServer server) {
        this.server = server;
    }

    private int run(Object... urls) throws Exception {
        return FastestMirror.run(Stream.of(urls).map(Object::toString).toList(),
                new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8));
    }

    private static Answer redirect(String url) {
        return Answer.status(302).header("Location", url);
    }

    @Test
    void theWinnerIsShownWithItsStatusSizeAndTime() throws Exception {
        Route silent = server.route("/silent", Latency.none(), Answer.never());
        Route good = server.route("/good", Latency.none(), Answer.status(201, "12345678"));

        int status = run(silent.uri(), good.uri());

        assertThat(status).isZero();
        assertThat(out.toString(UTF_8).lines()).hasSize(2).first().isEqualTo("Asking 2 mirrors");
        assertThat(out.toString(UTF_8).lines()).last().asString()
                .matches(good.uri() + " won after \\d+ ms: status 201, 8 bytes");
        assertThat(err.toString(UTF_8)).isEmpty();
    }

    /// Each mirror sends its head at once and its body later, so that every body is a stream that
    /// is open when the race is decided.
    @Test
    void theStreamsOfTheLosersAreClosed() throws Exception {
        Route first = server.route("/first", Latency.none(), drip("1234"));
        Route second = server.route("/second", Latency.none(), drip("1234"));

        assertThat(run(first.uri(), second.uri())).isZero();

        server.awaitInFlight(0);
        assertThat(out.toString(UTF_8)).contains("status 200, 4 bytes");
        assertThat(server.answered()).isEqualTo(1);
    }

    @Test
    void aBodyThatCannotBeReadIsToldInOneLine() throws Exception {
        Route broken = server.route("/broken", Latency.none(), Answer.truncated("12345678", 4));

        assertThat(run(broken.uri())).isEqualTo(1);

        assertThat(err.toString(UTF_8)).hasLineCount(1)
                .startsWith(broken.uri() + " won, but its body could not be read: ");
    }

    @Test
    void helpTellsHowToUseIt() throws Exception {
        assertThat(run("--help")).isZero();

        assertThat(out.toString(UTF_8)).startsWith("usage: FastestMirror [URL...]");
    }

    private static Answer drip(String body) {
        return Answer.slowDrip(body, 1, Duration.ofSeconds(1));
    }

    static Stream<Answer> noAnswers() {
        return Stream.of(Answer.status(503), Answer.status(304), redirect("ftp://localhost/"));
    }

    @ParameterizedTest
    @MethodSource("noAnswers")
    void neitherAnErrorPageNorARedirectThatLeadsNowhereWins(Answer none) throws Exception {
        Route failing = server.route("/failing", Latency.none(), none);
        Route good = server.route("/good", Latency.none(), Answer.ok("good"));
        good.hold();
        Thread release = Thread.startVirtualThread(() -> {
            try {
                failing.awaitAnswered(1);
                good.release();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });

        int status = run(failing.uri(), good.uri());

        release.join();
        assertThat(status).isZero();
        assertThat(out.toString(UTF_8)).contains(good.uri() + " won");
    }

    @Test
    void whenAllFailEachFailureIsListedAndTheExitStatusIs1() throws Exception {
        Route failing = server.route("/failing", Latency.none(), Answer.status(503));
        Route broken = server.route("/broken", Latency.none(), Answer.malformedStatusLine());

        int status = run(failing.uri(), broken.uri());

        assertThat(status).isEqualTo(1);
        List<String> lines = err.toString(UTF_8).lines().toList();
        assertThat(lines).hasSize(3);
        assertThat(lines.get(0)).isEqualTo("all 2 competitors failed");
        assertThat(lines.get(1)).isEqualTo("  " + failing.uri() + ": status 503");
        assertThat(lines.get(2)).startsWith("  " + broken.uri() + ": ");
    }

    @Test
    void aRedirectThatLeadsNowhereIsNoAnswer() throws Exception {
        Route moved = server.route("/moved", Latency.none(), redirect("ftp://localhost/"));

        assertThat(run(moved.uri())).isEqualTo(1);

        assertThat(err.toString(UTF_8).lines()).last()
                .isEqualTo("  " + moved.uri() + ": status 302");
    }

    @Test
    void aRedirectToAPortThatIsNoneIsToldByTheUrlThatWasAsked() throws Exception {
        Route moved = server.route("/moved", Latency.none(), redirect("http://localhost:70000/"));

        assertThat(run(moved.uri())).isEqualTo(1);

        assertThat(err.toString(UTF_8)).contains("  " + moved.uri() + ": ").contains("70000");
    }

    /// An interface that is not there makes an address that no name server is asked for.
    @Test
    void anUnknownHostAndARefusedConnectionAreToldApart() throws Exception {
        try (var deaf = new Socket()) {
            deaf.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            String unknown = "http://[fe80::1%25none]/";
            String refused = "http://localhost:" + deaf.getLocalPort() + "/";

            assertThat(run(unknown, refused)).isEqualTo(1);

            assertThat(err.toString(UTF_8).lines()).containsExactly("all 2 competitors failed",
                    "  " + unknown + ": unknown host", "  " + refused + ": connection refused");
        }
    }

    @Test
    void aRaceThatFailsInTheMeasurementTellsWhy() {
        var reason = new IOException("refused");

        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> FastestMirror.percentiles(
                        List.of(CompletableFuture.failedFuture(reason))))
                .withCause(reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"no url", "ftp://example.com/", "example.com", "http:///path", "",
            "http://localhost:65536/", "http://localhost:70000/"})
    void whatIsNoUrlIsRefusedInOneLineAndNothingIsFetched(String noUrl) throws Exception {
        Route good = server.route("/good", Latency.none());

        int status = run(good.uri(), noUrl);

        assertThat(status).isEqualTo(2);
        assertThat(err.toString(UTF_8)).isEqualToIgnoringNewLines(
                "expected a URL such as https://example.com/, but it is '" + noUrl + "'");
        assertThat(good.accepted()).isZero();
    }

    @Test
    void theLastPortOfAllIsOne() throws Exception {
        assertThat(run("http://localhost:65535/")).isNotEqualTo(2);
    }

    @Test
    void theEmbeddedRaceShowsWhoWonAndWhoWasAborted() throws Exception {
        embeddedRace(server, new PrintStream(out, true, UTF_8));

        assertThat(out.toString(UTF_8))
                .contains("/fast won after")
                .containsPattern("/slow +\\[[a-z]*-*x")
                .containsPattern("/failing +\\[[a-z]*=*]")
                .containsPattern("/fast +\\[[a-z]*=*]")
                .containsPattern("/silent +\\[[a-z]*-*x");
    }

    /// Runs the race of the example, in the order that its latencies suggest on an idle machine:
    /// all are asked, one fails, one answers, and those that are left never do.
    static Timeline embeddedRace(FakeLatencyServer server, PrintStream out) throws Exception {
        List<Route> mirrors = FastestMirror.fourMirrors(server);
        Route slow = mirrors.get(0);
        Route failing = mirrors.get(1);
        Route fast = mirrors.get(2);
        Route silent = mirrors.get(3);
        slow.hold();
        fast.hold();
        Thread release = Thread.startVirtualThread(() -> {
            try {
                slow.awaitInFlight(1);
                silent.awaitInFlight(1);
                failing.awaitAnswered(1);
                fast.release();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        try (var example = new FastestMirror(out)) {
            return example.raceOn(server, mirrors);
        } finally {
            release.join();
        }
    }
}

package com.example.threading.firstresponse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.example.threading.common.Answer;
import com.example.threading.common.FakeLatencyServer;
import com.example.threading.common.FakeLatencyServerExtension;
import com.example.threading.common.Latency;
import com.example.threading.common.NoLeaks;
import com.example.threading.common.Route;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
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

    @Test
    void anErrorPageDoesNotWin() throws Exception {
        Route failing = server.route("/failing", Latency.none(), Answer.status(503));
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

    @ParameterizedTest
    @ValueSource(strings = {"no url", "ftp://example.com/", "example.com", "http:///path", ""})
    void whatIsNoUrlIsRefusedInOneLineAndNothingIsFetched(String noUrl) throws Exception {
        Route good = server.route("/good", Latency.none());

        int status = run(good.uri(), noUrl);

        assertThat(status).isEqualTo(2);
        assertThat(err.toString(UTF_8)).hasLineCount(1)
                .startsWith("'" + noUrl + "' is not a URL; expected one like https://example.com/");
        assertThat(good.accepted()).isZero();
    }

    @Test
    void theEmbeddedRaceShowsWhoWonAndWhoHungUp() throws Exception {
        try (var example = new FastestMirror(new PrintStream(out, true, UTF_8))) {
            example.raceOnTheEmbeddedServer();
        }

        assertThat(out.toString(UTF_8))
                .contains("/fast won after")
                .containsPattern("/slow +\\[[a-z]*-*x")
                .containsPattern("/failing +\\[[a-z]*=*]")
                .containsPattern("/fast +\\[[a-z]*=*]")
                .containsPattern("/silent +\\[[a-z]*-*x");
    }
}

package com.example.threading.cluster.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.example.threading.common.Answer;
import com.example.threading.common.CommandLine;
import com.example.threading.common.FakeLatencyServer;
import com.example.threading.common.Latency;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What [ClusterTimings] prints, and the status with which it exits.
@Timeout(120)
class ClusterTimingsTest {

    @AutoClose
    private final FakeLatencyServer server = new FakeLatencyServer();

    @Test
    void itComparesAPoolWithTheSameOnMembersAndDrawsWhichMemberFetchedWhat() {
        Run run = run();

        assertThat(run.err).isEmpty();
        assertThat(run.status).isZero();
        assertThat(run.out.lines()).anyMatch(line -> line.matches("pool of 6 +\\d+ ms"))
                .anyMatch(line -> line.matches("the same on members +\\d+ ms"))
                .anyMatch(line -> line.matches("ideal +440 ms"));
        // Two lanes for each of the three members: it has two threads.
        assertThat(run.out.lines().filter(line -> line.matches("127\\.0\\.0\\.1:\\d+/[12] .*")))
                .hasSize(6);
    }

    @Test
    void givenUrlsAreFetchedHereAndOnAMember() {
        URI page = server.route("/page", Latency.none()).uri();

        Run run = run(page);

        assertThat(run.status).isZero();
        assertThat(run.out).contains("[").doesNotContain("ideal");
        assertThat(server.answered()).isEqualTo(2);
    }

    @Test
    void aUrlThatCannotBeFetchedIsNamed() {
        URI page = server.route("/page", Latency.none(), Answer.resetAfter("page", 2)).uri();

        Run run = run(page);

        assertThat(run.status).isEqualTo(1);
        assertThat(run.err.lines()).singleElement().asString().startsWith(page + ": ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "ftp://127.0.0.1/ | 2 | expected a URL such as https://example.com/, but it is 'ftp://127.0.0.1/'",
            "nonsense         | 2 | expected host:port, not: nonsense",
            "192.0.2.1:5701   | 2 | expected URLs too, for the program's own cannot be reached from 192.0.2.1:5701",
            "127.0.0.1:1      | 1 | no member answers at 127.0.0.1:1"})
    void aWrongArgumentIsOneLine(String argument, int status, String message) {
        Run run = run(argument);

        assertThat(run.err.lines()).containsExactly(message);
        assertThat(run.status).isEqualTo(status);
        assertThat(run.out).isEmpty();
    }

    private record Run(int status, String out, String err) {}

    private static Run run(Object... args) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int status = CommandLine.run("", List.of(args).stream().map(Object::toString).toList(),
                new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8),
                ClusterTimings::run);
        return new Run(status, out.toString(UTF_8), err.toString(UTF_8));
    }
}

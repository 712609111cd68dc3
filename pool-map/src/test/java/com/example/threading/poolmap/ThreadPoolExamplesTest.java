package com.example.threading.poolmap;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.threading.common.Answer;
import com.example.threading.common.FakeLatencyServer;
import com.example.threading.common.Latency;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Runs the listings of the module's page.
class ThreadPoolExamplesTest {

    @Test
    void fetchesAllUrlsInTheirOrder() throws Exception {
        try (var server = new FakeLatencyServer(); var client = HttpClient.newHttpClient()) {
            URI a = server.route("/a", Latency.none(), Answer.ok("page a")).uri();
            URI b = server.route("/b", Latency.none(), Answer.ok("page b")).uri();

            assertThat(new ThreadPoolExamples(client).fetchAll(List.of(a, b, a)))
                    .containsExactly("page a", "page b", "page a");
        }
    }

    @Test
    void doesAsPythonDoes() throws Exception {
        assertThat(ThreadPoolExamples.asInPython(List.of("a", "bb"), List.of("c", "d")))
                .containsExactly(1, 1, 1, List.of(1, 2), List.of("ac", "bbd"),
                        List.of("xc", "xd"), List.of(1, 2));
    }
}

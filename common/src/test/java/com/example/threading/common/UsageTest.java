package com.example.threading.common;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

// tag::usage[]
@ExtendWith({NoLeaks.class, FakeLatencyServerExtension.class})
class UsageTest {
    @AutoClose
    final HttpClient client = HttpClient.newHttpClient();

    @Test
    void aRepeatedRequestIsInTheLog(FakeLatencyServer server)
            throws Exception {
        server.route("/price", Latency.fixed(Duration.ofMillis(5)),
                Answer.status(503), Answer.ok("42"));
        var request = HttpRequest.newBuilder(server.uri("/price"));

        client.send(request.build(), BodyHandlers.ofString());
        client.send(request.build(), BodyHandlers.ofString());

        assertThat(server.log()).extracting(Exchange::attempt)
                .containsExactly(1, 2);
    }

    @Test
    void bothRequestsAreInFlightTogether(FakeLatencyServer server)
            throws Exception {
        Route route = server.route("/price", Latency.none());
        route.hold();
        var request = HttpRequest.newBuilder(route.uri()).build();

        var one = client.sendAsync(request, BodyHandlers.ofString());
        var two = client.sendAsync(request, BodyHandlers.ofString());
        route.awaitInFlight(2);
        route.release();

        assertThat(one.join().statusCode()).isEqualTo(200);
        assertThat(two.join().statusCode()).isEqualTo(200);
    }
}
// end::usage[]

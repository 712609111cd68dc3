package com.example.threading.common;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;

/// What tests of the server start with: a server for each test, and a client.
abstract class ServerAndClient {
    @AutoClose
    final FakeLatencyServer server = new FakeLatencyServer();

    /// Offers an upgrade to h2c with every first request, as it does unless told otherwise.
    final HttpClient client = HttpClient.newHttpClient();

    @AfterEach
    void abortWhatIsOutstanding() {
        client.shutdownNow();
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(server.uri(path)).build(),
                BodyHandlers.ofString());
    }
}

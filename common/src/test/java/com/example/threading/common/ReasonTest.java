package com.example.threading.common;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith({NoLeaks.class, FakeLatencyServerExtension.class})
class ReasonTest {
    @AutoClose
    private final HttpClient client = HttpClient.newHttpClient();

    /// An interface that is not there makes an address that no name server is asked for.
    @Test
    void anUnknownHost() throws Exception {
        assertThat(reason(URI.create("http://[fe80::1%25none]/"))).isEqualTo("unknown host");
        assertThat(Reason.of(new UnknownHostException("nowhere"))).isEqualTo("unknown host");
    }

    @Test
    void aRefusedConnection() throws Exception {
        try (var deaf = new Socket()) {
            deaf.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));

            assertThat(reason(URI.create("http://127.0.0.1:" + deaf.getLocalPort() + "/")))
                    .isEqualTo("connection refused");
        }
        assertThat(Reason.of(new ConnectException("Connection refused")))
                .isEqualTo("connection refused");
        assertThat(Reason.of(new ConnectException("Network is unreachable")))
                .isEqualTo("Network is unreachable");
    }

    @Test
    void anAnswerThatDoesNotComeInTime(FakeLatencyServer server) throws Exception {
        Route silent = server.route("/silent", Latency.none(), Answer.never());

        assertThat(reason(silent.uri())).isEqualTo("timed out");
        assertThat(Reason.of(new SocketTimeoutException("Read timed out"))).isEqualTo("timed out");
        assertThat(Reason.of(new TimeoutException())).isEqualTo("timed out");
        assertThat(Reason.of(new HttpConnectTimeoutException("HTTP connect timed out")))
                .isEqualTo("timed out while connecting");
    }

    @Test
    void anythingElseByItsInnermostCause() {
        assertThat(Reason.of(new ExecutionException(new IOException("two\nlines"))))
                .isEqualTo("two?lines");
        assertThat(Reason.of(new IOException(new IllegalStateException())))
                .isEqualTo("java.lang.IllegalStateException");
    }

    private String reason(URI uri) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(uri).timeout(Duration.ofMillis(500)).build();
        try {
            client.send(request, BodyHandlers.discarding());
        } catch (IOException failure) {
            return Reason.of(new ExecutionException(failure));
        }
        throw new AssertionError(uri + " was reached");
    }
}

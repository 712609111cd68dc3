package com.example.threading.common;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;

/// One connection to the server, for what no well-behaved client would send.
final class RawClient implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;

    RawClient(FakeLatencyServer server) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), server.uri().getPort());
        socket.setTcpNoDelay(true);
        // A test that waits for bytes that never come is to fail, not to hang.
        socket.setSoTimeout(10_000);
        in = new BufferedInputStream(socket.getInputStream());
    }

    RawClient send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(UTF_8));
        return this;
    }

    RawClient get(String path) throws IOException {
        return send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }

    RawClient finishSending() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    /// What arrives, up to and with this text.
    String readThrough(String end) throws IOException {
        var text = new StringBuilder();
        while (text.indexOf(end, text.length() - end.length()) < 0) {
            int b = in.read();
            if (b < 0) {
                throw new IOException("expected " + end + ", but the stream ended after: " + text);
            }
            text.append((char) b);
        }
        return text.toString();
    }

    /// Everything, up to the end of the stream.
    String readAll() throws IOException {
        return new String(in.readAllBytes(), UTF_8);
    }

    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

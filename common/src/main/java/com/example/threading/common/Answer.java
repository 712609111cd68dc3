package com.example.threading.common;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// What a route does once its latency is over: respond, respond slowly, or fail in one of the ways
/// in which servers and networks fail.
public sealed interface Answer {
    /// {@return a response with status 200}
    ///
    /// @param body sent as UTF-8
    static Response ok(String body) {
        return new Response(200, List.of(), body);
    }

    /// {@return a response without a body}
    ///
    /// @param status 200 to 599
    static Response status(int status) {
        return new Response(status, List.of(), "");
    }

    /// {@return a response with a body}
    ///
    /// @param status 200 to 599, but not 204 or 304, which have no body
    /// @param body sent as UTF-8
    static Response status(int status, String body) {
        return new Response(status, List.of(), body);
    }

    /// {@return a response with status 200 whose body arrives in pieces}
    ///
    /// @param body sent as UTF-8
    /// @param pieces how many; at least 1
    /// @param every the pause before each piece
    static Answer slowDrip(String body, int pieces, Duration every) {
        return new SlowDrip(ok(body), pieces, every);
    }

    /// {@return a reset of the connection before a byte was sent}
    ///
    /// The JDK's client repeats a GET once, silently, when this happens to it.
    static Answer reset() {
        return new Fault(new byte[0], Fault.End.RESET);
    }

    /// {@return a reset of the connection in the middle of the body}
    ///
    /// @param body what the response announces
    /// @param bytes how much of it is sent; less than it has
    static Answer resetAfter(String body, int bytes) {
        return new Fault(beginningOf(body, bytes), Fault.End.RESET);
    }

    /// {@return no answer, ever: the request stays in flight until the client hangs up}
    static Answer never() {
        return new Fault(new byte[0], Fault.End.SILENCE);
    }

    /// {@return an orderly close of the connection in the middle of the body}
    ///
    /// @param body what the response announces
    /// @param bytes how much of it is sent; less than it has
    static Answer truncated(String body, int bytes) {
        return new Fault(beginningOf(body, bytes), Fault.End.CLOSE);
    }

    /// {@return a status line that is none, and an orderly close of the connection}
    static Answer malformedStatusLine() {
        return new Fault("HTTP/one point one, fine\r\n\r\n".getBytes(UTF_8), Fault.End.CLOSE);
    }

    /// {@return an orderly close of the connection before a byte was sent}
    ///
    /// The JDK's client repeats a GET once, silently, when this happens to it.
    static Answer empty() {
        return new Fault(new byte[0], Fault.End.CLOSE);
    }

    private static byte[] beginningOf(String body, int bytes) {
        int length = body.getBytes(UTF_8).length;
        if (bytes < 0 || bytes >= length) {
            throw new IllegalArgumentException(
                    "expected 0 to " + (length - 1) + " of the body's " + length
                            + " bytes, but it is " + bytes);
        }
        Response whole = ok(body);
        return Arrays.copyOf(whole.bytes(true), whole.head().length + bytes);
    }

    /// An ordinary response.
    ///
    /// @param status 200 to 599
    /// @param headers whole lines, such as `Retry-After: 1`
    /// @param body sent as UTF-8; empty for a status that has none
    record Response(int status, List<String> headers, String body) implements Answer {
        /// Refuses a status that is not final, and a body where the status allows none.
        public Response {
            headers = List.copyOf(headers);
            if (status < 200 || status > 599) {
                throw new IllegalArgumentException(
                        "expected a status from 200 to 599, but it is " + status);
            }
            if (bodiless(status) && !body.isEmpty()) {
                throw new IllegalArgumentException(
                        "status " + status + " has no body, but this one was given: " + body);
            }
        }

        /// {@return the same response with one more header}
        ///
        /// @param name such as `Retry-After`
        /// @param value printable ASCII
        public Response header(String name, String value) {
            if (!name.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+") || !value.matches("[\\t -~]*")) {
                throw new IllegalArgumentException("not a header: " + name + ": " + value);
            }
            return new Response(status,
                    Stream.concat(headers.stream(), Stream.of(name + ": " + value)).toList(), body);
        }

        byte[] head() {
            var head = new StringBuilder("HTTP/1.1 ").append(status).append(" \r\n");
            headers.forEach(header -> head.append(header).append("\r\n"));
            if (!bodiless(status)) {
                head.append("Content-Type: text/plain; charset=utf-8\r\n");
                head.append("Content-Length: ").append(body.getBytes(UTF_8).length).append("\r\n");
            }
            return head.append("\r\n").toString().getBytes(UTF_8);
        }

        /// Head and body in one array: one write, one packet.
        byte[] bytes(boolean withBody) {
            byte[] head = head();
            if (!withBody) {
                return head;
            }
            byte[] text = body.getBytes(UTF_8);
            byte[] all = Arrays.copyOf(head, head.length + text.length);
            System.arraycopy(text, 0, all, head.length, text.length);
            return all;
        }

        private static boolean bodiless(int status) {
            return status == 204 || status == 304;
        }
    }

    /// A response whose body arrives in pieces.
    ///
    /// @param response what arrives
    /// @param pieces how many; at least 1
    /// @param every the pause before each piece
    record SlowDrip(Response response, int pieces, Duration every) implements Answer {
        /// Refuses fewer than one piece and a pause that no latency may have.
        public SlowDrip {
            Latency.fixed(every);
            if (pieces < 1) {
                throw new IllegalArgumentException("expected 1 piece or more, but it is " + pieces);
            }
        }
    }

    /// A few bytes, and then something that no client hopes for.
    final class Fault implements Answer {
        enum End {
            RESET, CLOSE, SILENCE
        }

        private final byte[] bytes;
        private final End end;

        private Fault(byte[] bytes, End end) {
            this.bytes = bytes;
            this.end = end;
        }

        byte[] bytes() {
            return bytes;
        }

        End end() {
            return end;
        }
    }
}

package com.example.threading.common;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What a route does once its latency is over: respond, respond slowly, or fail in one of the ways
/// in which servers and networks fail.
public abstract sealed class Answer {
    /// What becomes of the connection once everything is sent.
    enum Ending {
        NEXT_REQUEST, SILENCE, CLOSE, RESET
    }

    private static final byte[] NOTHING = {};

    private Answer() {}

    /// {@return a response with status 200}
    ///
    /// @param body sent as UTF-8
    public static Response ok(String body) {
        return new Response(200, List.of(), body);
    }

    /// {@return a response without a body}
    ///
    /// @param status 200 to 599
    /// @throws IllegalArgumentException if it is not one of these
    public static Response status(int status) {
        return new Response(status, List.of(), "");
    }

    /// {@return a response with a body}
    ///
    /// @param status 200 to 599, but not 204 or 304, which have no body
    /// @param body sent as UTF-8
    /// @throws IllegalArgumentException if the status is not one of these
    public static Response status(int status, String body) {
        return new Response(status, List.of(), body);
    }

    /// {@return a response with status 200 whose body arrives in pieces}
    ///
    /// @param body sent as UTF-8
    /// @param pieces how many; at least 1
    /// @param every the pause before each piece; from zero to [Latency#LONGEST]
    /// @throws IllegalArgumentException if there is no piece, or the pause is out of range
    public static Answer slowDrip(String body, int pieces, Duration every) {
        return new SlowDrip(ok(body), pieces, every);
    }

    /// {@return a reset of the connection before a byte was sent}
    ///
    /// The JDK's client repeats a GET once, silently, when this happens to it.
    public static Answer reset() {
        return new Fault(NOTHING, NOTHING, Ending.RESET);
    }

    /// {@return a reset of the connection in the middle of the body}
    ///
    /// @param body what the response announces
    /// @param bytes how much of it is sent; less than it has
    /// @throws IllegalArgumentException if that is negative, or not less
    public static Answer resetAfter(String body, int bytes) {
        return brokenOff(body, bytes, Ending.RESET);
    }

    /// {@return no answer, ever: the request stays in flight until the client hangs up}
    public static Answer never() {
        return new Fault(NOTHING, NOTHING, Ending.SILENCE);
    }

    /// {@return an orderly close of the connection in the middle of the body}
    ///
    /// @param body what the response announces
    /// @param bytes how much of it is sent; less than it has
    /// @throws IllegalArgumentException if that is negative, or not less
    public static Answer truncated(String body, int bytes) {
        return brokenOff(body, bytes, Ending.CLOSE);
    }

    /// {@return a status line that is none, and an orderly close of the connection}
    public static Answer malformedStatusLine() {
        byte[] line = "HTTP/one point one, fine\r\n\r\n".getBytes(UTF_8);
        return new Fault(line, line, Ending.CLOSE);
    }

    /// {@return an orderly close of the connection before a byte was sent}
    ///
    /// The JDK's client repeats a GET once, silently, when this happens to it.
    public static Answer empty() {
        return new Fault(NOTHING, NOTHING, Ending.CLOSE);
    }

    private static Answer brokenOff(String body, int bytes, Ending ending) {
        int length = body.getBytes(UTF_8).length;
        if (bytes < 0 || bytes >= length) {
            throw new IllegalArgumentException(
                    "expected 0 to " + (length - 1) + " of the body's " + length
                            + " bytes, but it is " + bytes);
        }
        Response whole = ok(body);
        return new Fault(whole.head, Arrays.copyOf(whole.whole, whole.head.length + bytes), ending);
    }

    /// What is sent, for the caller to read only; all but the first after a pause.
    abstract List<byte[]> pieces(boolean withBody);

    Duration pause() {
        return Duration.ZERO;
    }

    Ending ending() {
        return Ending.NEXT_REQUEST;
    }

    /// Whether the connection may serve another request.
    boolean keepsAlive() {
        return true;
    }

    /// An ordinary response.
    public static final class Response extends Answer {
        private final int status;
        private final List<String> headers;
        private final String body;
        private final byte[] head;
        private final byte[] whole;
        private final boolean keepsAlive;

        private Response(int status, List<String> headers, String body) {
            if (status < 200 || status > 599) {
                throw new IllegalArgumentException(
                        "expected a status from 200 to 599, but it is " + status);
            }
            if (bodiless(status) && !body.isEmpty()) {
                throw new IllegalArgumentException(
                        "status " + status + " has no body, but this one was given: " + body);
            }
            this.status = status;
            this.headers = headers;
            this.body = body;
            keepsAlive = !RequestReader.hasToken(String.join(",", values("Connection")), "close");
            // Once, since a large one takes long, and the server's only thread sends it.
            byte[] text = body.getBytes(UTF_8);
            head = head(text.length);
            whole = Arrays.copyOf(head, head.length + text.length);
            System.arraycopy(text, 0, whole, head.length, text.length);
        }

        /// {@return the same response with one more header}
        ///
        /// A `Content-Type` replaces the one that is sent otherwise, which is
        /// `text/plain; charset=utf-8`. After a response with `Connection: close` the server closes
        /// the connection.
        ///
        /// @param name such as `Retry-After`
        /// @param value printable ASCII
        /// @throws IllegalArgumentException if either has a character that it may not have, or if
        ///     the header gives the body another length than it has
        public Response header(String name, String value) {
            if (!name.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+") || !value.matches("[\\t -~]*")) {
                throw new IllegalArgumentException("not a header: " + name + ": " + value);
            }
            if (name.equalsIgnoreCase("Content-Length")
                    || name.equalsIgnoreCase("Transfer-Encoding")) {
                throw new IllegalArgumentException("the server itself tells the length of the body,"
                        + " but this header was given: " + name + ": " + value);
            }
            var more = new ArrayList<>(headers);
            more.add(name + ": " + value);
            return new Response(status, more, body);
        }

        @Override
        List<byte[]> pieces(boolean withBody) {
            // Head and body in one array: a small response is one write, one packet.
            return List.of(withBody ? whole : head);
        }

        @Override
        boolean keepsAlive() {
            return keepsAlive;
        }

        private List<String> values(String name) {
            String start = name + ": ";
            var values = new ArrayList<String>();
            for (String header : headers) {
                if (header.regionMatches(true, 0, start, 0, start.length())) {
                    values.add(header.substring(start.length()));
                }
            }
            return values;
        }

        private byte[] head(int length) {
            var head = new StringBuilder("HTTP/1.1 ").append(status).append(" \r\n");
            for (String header : headers) {
                head.append(header).append("\r\n");
            }
            if (!bodiless(status)) {
                if (values("Content-Type").isEmpty()) {
                    head.append("Content-Type: text/plain; charset=utf-8\r\n");
                }
                head.append("Content-Length: ").append(length).append("\r\n");
            }
            return head.append("\r\n").toString().getBytes(UTF_8);
        }

        private static boolean bodiless(int status) {
            return status == 204 || status == 304;
        }
    }

    /// A response whose body arrives in pieces.
    private static final class SlowDrip extends Answer {
        private final List<byte[]> headAndPieces = new ArrayList<>();
        private final Duration every;

        private SlowDrip(Response response, int pieces, Duration every) {
            if (pieces < 1) {
                throw new IllegalArgumentException("expected 1 piece or more, but it is " + pieces);
            }
            // Refuses a pause that no latency may have.
            Latency.fixed(every);
            this.every = every;
            headAndPieces.add(response.head);
            byte[] body = response.body.getBytes(UTF_8);
            for (int i = 0; i < pieces; i++) {
                headAndPieces.add(Arrays.copyOfRange(body, (int) ((long) i * body.length / pieces),
                        (int) ((i + 1L) * body.length / pieces)));
            }
        }

        @Override
        List<byte[]> pieces(boolean withBody) {
            return withBody ? headAndPieces : headAndPieces.subList(0, 1);
        }

        @Override
        Duration pause() {
            return every;
        }
    }

    /// A few bytes, and then something that no client hopes for.
    private static final class Fault extends Answer {
        private final byte[] head;
        private final byte[] whole;
        private final Ending ending;

        private Fault(byte[] head, byte[] whole, Ending ending) {
            this.head = head;
            this.whole = whole;
            this.ending = ending;
        }

        @Override
        List<byte[]> pieces(boolean withBody) {
            return List.of(withBody ? whole : head);
        }

        @Override
        Ending ending() {
            return ending;
        }
    }
}

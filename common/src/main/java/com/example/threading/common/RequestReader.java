package com.example.threading.common;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads HTTP/1.1 requests from bytes that arrive in pieces of any size. Lenient where it does no
/// harm: `Host` may be missing, and a line may end with a bare line feed. Confined to the server's
/// thread.
final class RequestReader {
    static final int HEAD_CAP = 16 * 1024;
    static final int BODY_CAP = 1024 * 1024;

    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
    private static final Pattern REQUEST_LINE = Pattern
            .compile("(" + TOKEN + ") (\\*|/\\S*|(?i:https?)://[^/?\\s]+\\S*) HTTP/1\\.([01])");
    private static final Pattern HEADER = Pattern.compile("(?s)(" + TOKEN + "):(.*)");
    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");
    private static final Pattern CHUNK_SIZE = Pattern
            .compile("(?s)([0-9A-Fa-f]{1,7})[ \\t]*(;.*)?");

    /// What the server needs to know of a request.
    ///
    /// @param target as it was sent: the whole URL if the client takes the server for its proxy
    /// @param head all lines up to the empty one
    record Request(String method, String target, boolean keepAlive, String head, String body) {
        static final Request NONE = new Request("", "", false, "", "");

        String path() {
            String path = target.startsWith("/")
                    ? target
                    : target.replaceFirst("^\\w+://[^/?]+", "");
            int query = path.indexOf('?');
            path = query < 0 ? path : path.substring(0, query);
            return path.isEmpty() ? "/" : path;
        }

        /// Fit for one line of a log.
        @Override
        public String toString() {
            return shown(String.join(" ", method, target));
        }
    }

    /// A request that the server does not serve.
    static final class Refusal extends Exception {
        private static final long serialVersionUID = 1;

        final int status;

        Refusal(int status, String why) {
            super(why);
            this.status = status;
        }
    }

    private enum Stage {
        REQUEST_LINE, HEADERS, BODY, CHUNK_SIZE, CHUNK, CHUNK_END, TRAILERS
    }

    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final StringBuilder head = new StringBuilder();
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private Stage stage = Stage.REQUEST_LINE;
    private String method = "";
    private String target = "";
    private boolean http10;
    private boolean keepAlive;
    private boolean expectsContinue;
    private boolean chunked;
    private @Nullable Integer contentLength;
    private int lineSizes;
    private int toRead;

    /// Whether nothing of the next request has arrived.
    boolean idle() {
        return stage == Stage.REQUEST_LINE && lineSizes == 0;
    }

    /// Whether the client has sent its head and waits to be told to go on; true only once.
    boolean takeExpectsContinue() {
        boolean waits = expectsContinue && stage != Stage.HEADERS;
        if (waits) {
            expectsContinue = false;
        }
        return waits;
    }

    /// Takes bytes up to the end of the next request; null if they end before it does.
    @Nullable
    Request next(ByteBuffer in) throws Refusal {
        while (in.hasRemaining()) {
            boolean complete = switch (stage) {
                case BODY -> readBody(in);
                case CHUNK -> {
                    if (readBody(in)) {
                        stage = Stage.CHUNK_END;
                    }
                    yield false;
                }
                default -> readLine(in) && takeLine();
            };
            if (complete) {
                var request = new Request(method, target, keepAlive, head.toString(),
                        body.toString(UTF_8));
                startOver();
                return request;
            }
        }
        return null;
    }

    private void startOver() {
        stage = Stage.REQUEST_LINE;
        head.setLength(0);
        body.reset();
        expectsContinue = false;
        chunked = false;
        contentLength = null;
        lineSizes = 0;
    }

    private boolean readBody(ByteBuffer in) {
        byte[] bytes = new byte[Math.min(toRead, in.remaining())];
        in.get(bytes);
        body.writeBytes(bytes);
        toRead -= bytes.length;
        return toRead == 0;
    }

    /// Reads up to the end of the line.
    private boolean readLine(ByteBuffer in) throws Refusal {
        while (in.hasRemaining()) {
            byte b = in.get();
            if (++lineSizes > HEAD_CAP) {
                throw new Refusal(431, "request line and headers exceed " + HEAD_CAP + " bytes");
            }
            if (b == '\n') {
                return true;
            }
            if (b >= 0 && b < ' ' && b != '\r' && b != '\t') {
                throw new Refusal(400, "expected text, but byte " + b + " came");
            }
            line.write(b);
        }
        return false;
    }

    /// Whether this line completes the request.
    private boolean takeLine() throws Refusal {
        String text = line.toString(ISO_8859_1);
        line.reset();
        if (text.endsWith("\r")) {
            text = text.substring(0, text.length() - 1);
        }
        if (text.indexOf('\r') >= 0) {
            throw new Refusal(400, "carriage return within a line: " + shown(text));
        }
        switch (stage) {
            case REQUEST_LINE -> takeRequestLine(text);
            case HEADERS -> {
                if (text.isEmpty()) {
                    return endHead();
                }
                takeHeader(text);
            }
            case CHUNK_SIZE -> takeChunkSize(text);
            case CHUNK_END -> {
                if (!text.isEmpty()) {
                    throw new Refusal(400, "chunk is longer than its size: " + shown(text));
                }
                stage = Stage.CHUNK_SIZE;
            }
            case TRAILERS -> {
                return text.isEmpty();
            }
            case BODY, CHUNK -> throw new AssertionError(stage);
        }
        return false;
    }

    private void takeRequestLine(String text) throws Refusal {
        // Some clients send an empty line after a body.
        if (text.isEmpty()) {
            lineSizes = 0;
            return;
        }
        Matcher words = matched(REQUEST_LINE, text, "bad request line: ");
        method = words.group(1);
        target = words.group(2);
        http10 = words.group(3).equals("0");
        keepAlive = !http10;
        head.append(text).append('\n');
        stage = Stage.HEADERS;
    }

    private void takeHeader(String text) throws Refusal {
        Matcher header = matched(HEADER, text, "bad header: ");
        head.append(text).append('\n');
        String value = header.group(2).strip().toLowerCase(Locale.ROOT);
        switch (header.group(1).toLowerCase(Locale.ROOT)) {
            case "content-length" -> takeContentLength(value);
            case "transfer-encoding" -> {
                if (!value.equals("chunked")) {
                    throw new Refusal(400,
                            "expected Transfer-Encoding chunked, not " + shown(value));
                }
                chunked = true;
            }
            case "connection" -> keepAlive &= !hasToken(value, "close");
            case "expect" -> expectsContinue = value.equals("100-continue") && !http10;
            default -> {
            }
        }
    }

    static boolean hasToken(String value, String token) {
        return List.of(value.toLowerCase(Locale.ROOT).split("[ \\t]*,[ \\t]*")).contains(token);
    }

    private void takeContentLength(String value) throws Refusal {
        matched(LENGTH, value, "bad Content-Length: ");
        if (Long.parseLong(value) > BODY_CAP) {
            throw new Refusal(413, "body of " + value + " bytes exceeds " + BODY_CAP);
        }
        int length = Integer.parseInt(value);
        if (contentLength != null && contentLength != length) {
            throw new Refusal(400, "two Content-Lengths: " + contentLength + " and " + length);
        }
        contentLength = length;
    }

    private boolean endHead() throws Refusal {
        if (chunked && contentLength != null) {
            throw new Refusal(400,
                    "both Transfer-Encoding and Content-Length: " + contentLength);
        }
        toRead = contentLength == null ? 0 : contentLength;
        stage = chunked ? Stage.CHUNK_SIZE : Stage.BODY;
        return !chunked && toRead == 0;
    }

    private void takeChunkSize(String text) throws Refusal {
        toRead = Integer.parseInt(matched(CHUNK_SIZE, text, "bad chunk size: ").group(1), 16);
        if (body.size() + toRead > BODY_CAP) {
            throw new Refusal(413, "body exceeds " + BODY_CAP + " bytes");
        }
        // The cap is for one line here, not for all chunks together.
        lineSizes = 0;
        stage = toRead == 0 ? Stage.TRAILERS : Stage.CHUNK;
    }

    private static Matcher matched(Pattern expected, String text, String complaint)
            throws Refusal {
        Matcher matcher = expected.matcher(text);
        if (!matcher.matches()) {
            throw new Refusal(400, complaint + shown(text));
        }
        return matcher;
    }

    /// Fit for one line of a log, whatever the client sent.
    static String shown(String text) {
        String printable = text.replaceAll("[^ -~]", "?");
        return printable.length() <= 80 ? printable : printable.substring(0, 80) + "...";
    }
}

package com.example.threading.common;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Reads HTTP/1.1 requests from bytes that arrive in pieces of any size. Bodies are read and
/// discarded. Confined to the server's thread.
final class RequestReader {
    static final int HEAD_CAP = 16 * 1024;
    static final int BODY_CAP = 1024 * 1024;

    private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private static final String DIGITS = "0123456789";
    private static final String HEX_DIGITS = DIGITS + "abcdef";
    private static final String TOKEN = LETTERS + LETTERS.toLowerCase(Locale.ROOT) + DIGITS
            + "!#$%&'*+-.^_`|~";

    /// What the server needs to know of a request.
    record Request(String method, String target, boolean keepAlive) {
        String path() {
            int query = target.indexOf('?');
            return query < 0 ? target : target.substring(0, query);
        }

        @Override
        public String toString() {
            return method + " " + target;
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

    private Stage stage = Stage.REQUEST_LINE;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private int headSize;
    private int bodySize;
    private int toSkip;
    private @Nullable Integer contentLength;
    private boolean chunked;
    private boolean expectsContinue;
    private Request request = new Request("", "", false);

    /// Whether nothing of the next request has arrived.
    boolean idle() {
        return stage == Stage.REQUEST_LINE && headSize == 0;
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
                case BODY -> skip(in);
                case CHUNK -> {
                    if (skip(in)) {
                        stage = Stage.CHUNK_END;
                    }
                    yield false;
                }
                default -> readLine(in) && takeLine();
            };
            if (complete) {
                Request whole = request;
                start();
                return whole;
            }
        }
        return null;
    }

    private void start() {
        stage = Stage.REQUEST_LINE;
        headSize = 0;
        bodySize = 0;
        contentLength = null;
        chunked = false;
        expectsContinue = false;
    }

    private boolean skip(ByteBuffer in) {
        int n = Math.min(toSkip, in.remaining());
        in.position(in.position() + n);
        toSkip -= n;
        return toSkip == 0;
    }

    /// Reads up to the end of the line; a bare line feed ends it too.
    private boolean readLine(ByteBuffer in) throws Refusal {
        while (in.hasRemaining()) {
            byte b = in.get();
            if (++headSize > HEAD_CAP) {
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
        return switch (stage) {
            case REQUEST_LINE -> takeRequestLine(text);
            case HEADERS -> text.isEmpty() ? endHead() : takeHeader(text);
            case CHUNK_SIZE -> takeChunkSize(text);
            case CHUNK_END -> takeChunkEnd(text);
            case TRAILERS -> text.isEmpty();
            case BODY, CHUNK -> throw new AssertionError(stage);
        };
    }

    private boolean takeRequestLine(String text) throws Refusal {
        // Some clients send an empty line after a body.
        if (text.isEmpty()) {
            headSize = 0;
            return false;
        }
        String[] words = text.split(" ", -1);
        if (words.length != 3 || !consistsOf(LETTERS, words[0]) || !isTarget(words[1])
                || !(words[2].equals("HTTP/1.1") || words[2].equals("HTTP/1.0"))) {
            throw new Refusal(400, "bad request line: " + shown(text));
        }
        request = new Request(words[0], words[1], words[2].equals("HTTP/1.1"));
        stage = Stage.HEADERS;
        return false;
    }

    private boolean takeHeader(String text) throws Refusal {
        int colon = text.indexOf(':');
        if (colon < 0 || !consistsOf(TOKEN, text.substring(0, colon))) {
            throw new Refusal(400, "bad header: " + shown(text));
        }
        String value = text.substring(colon + 1).strip().toLowerCase(Locale.ROOT);
        switch (text.substring(0, colon).toLowerCase(Locale.ROOT)) {
            case "content-length" -> takeContentLength(value);
            case "transfer-encoding" -> {
                if (!value.equals("chunked")) {
                    throw new Refusal(400,
                            "expected Transfer-Encoding chunked, not " + shown(value));
                }
                chunked = true;
            }
            case "connection" -> {
                if (value.contains("close")) {
                    request = new Request(request.method, request.target, false);
                }
            }
            case "expect" -> expectsContinue = value.equals("100-continue");
            default -> {
            }
        }
        return false;
    }

    private void takeContentLength(String value) throws Refusal {
        if (!consistsOf(DIGITS, value) || value.length() > 18) {
            throw new Refusal(400, "bad Content-Length: " + shown(value));
        }
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
            throw new Refusal(400, "both Content-Length and Transfer-Encoding");
        }
        if (chunked) {
            stage = Stage.CHUNK_SIZE;
            return false;
        }
        toSkip = contentLength == null ? 0 : contentLength;
        stage = Stage.BODY;
        return toSkip == 0;
    }

    private boolean takeChunkSize(String text) throws Refusal {
        int extension = text.indexOf(';');
        String size = (extension < 0 ? text : text.substring(0, extension)).stripTrailing()
                .toLowerCase(Locale.ROOT);
        if (!consistsOf(HEX_DIGITS, size) || size.length() > 7) {
            throw new Refusal(400, "bad chunk size: " + shown(size));
        }
        toSkip = Integer.parseInt(size, 16);
        bodySize += toSkip;
        if (bodySize > BODY_CAP) {
            throw new Refusal(413, "body exceeds " + BODY_CAP + " bytes");
        }
        // The cap is for one line here, not for all chunks together.
        headSize = 0;
        stage = toSkip == 0 ? Stage.TRAILERS : Stage.CHUNK;
        return false;
    }

    private boolean takeChunkEnd(String text) throws Refusal {
        if (!text.isEmpty()) {
            throw new Refusal(400, "chunk is longer than its size: " + shown(text));
        }
        stage = Stage.CHUNK_SIZE;
        return false;
    }

    private static boolean isTarget(String text) {
        return text.equals("*") || (text.startsWith("/") && text.indexOf('\t') < 0);
    }

    private static boolean consistsOf(String characters, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (characters.indexOf(text.charAt(i)) < 0) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    /// Fit for one line of a log, whatever the client sent.
    private static String shown(String text) {
        String printable = text.replaceAll("[^ -~]", "?");
        return printable.length() <= 80 ? printable : printable.substring(0, 80) + "...";
    }
}

package com.example.threading.common;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.example.threading.common.RequestReader.Refusal;
import com.example.threading.common.RequestReader.Request;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestReaderTest {
    private static final String REQUESTS = "GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n"
            + "POST /c HTTP/1.1\r\ncontent-length: 5\r\n\r\nab\u00c3\u00a4c"
            + "\r\nPOST /d HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "3;x=y\r\nabc\r\n0\r\nTrailer: z\r\n\r\n"
            + "GET /e HTTP/1.0\n\n" + "GET /f HTTP/1.1\r\nConnection: close\r\n\r\n";

    @Test
    void requestsAreReadWhereverTheirBytesAreCut() throws Exception {
        for (int size = 1; size <= REQUESTS.length(); size++) {
            var reader = new RequestReader();
            var requests = new ArrayList<Request>();
            for (int from = 0; from < REQUESTS.length(); from += size) {
                ByteBuffer in = bytes(
                        REQUESTS.substring(from, Math.min(from + size, REQUESTS.length())));
                for (Request request; (request = reader.next(in)) != null;) {
                    requests.add(request);
                }
            }
            assertThat(requests).containsExactly(
                    new Request("GET", "/a?b", true, "GET /a?b HTTP/1.1\nHost: x\n", ""),
                    new Request("POST", "/c", true,
                            "POST /c HTTP/1.1\ncontent-length: 5\n", "ab\u00e4c"),
                    new Request("POST", "/d", true,
                            "POST /d HTTP/1.1\nTransfer-Encoding: chunked\n", "abc"),
                    new Request("GET", "/e", false, "GET /e HTTP/1.0\n", ""),
                    new Request("GET", "/f", false,
                            "GET /f HTTP/1.1\nConnection: close\n", ""));
            assertThat(reader.idle()).isTrue();
        }
    }

    @Test
    void aClientIsToldToGoOnOnceAndNotBeforeItsHeadHasEnded() throws Exception {
        var reader = new RequestReader();
        String head = "POST /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n";

        for (int i = 0; i < head.length(); i++) {
            assertThat(reader.next(bytes(head.substring(i, i + 1)))).isNull();
            assertThat(reader.takeExpectsContinue()).isFalse();
        }
        assertThat(reader.next(bytes("\r\n"))).isNull();
        assertThat(reader.takeExpectsContinue()).isTrue();
        assertThat(reader.takeExpectsContinue()).isFalse();
    }

    /// `|` stands for the end of a line.
    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', textBlock = """
            nonsense|,                                              400, bad request line: nonsense
            G(T /a HTTP/1.1|,                                       400, bad request line
            GET http://a b/ HTTP/1.1|,                              400, bad request line
            GET ftp://a/ HTTP/1.1|,                                 400, bad request line
            GET http:///a HTTP/1.1|,                                400, bad request line
            GET a HTTP/1.1|,                                        400, bad request line
            GET /a b HTTP/1.1|,                                     400, bad request line
            GET /a HTTP/2.0|,                                       400, bad request line
            PRI * HTTP/2.0|,                                        400, bad request line
            GET /a HTTP/1.1|no colon|,                              400, bad header: no colon
            GET /a HTTP/1.1|space : x|,                             400, bad header
            "GET /a HTTP/1.1|a: b| folded|",                        400, bad header
            GET /a HTTP/1.1|: x|,                                   400, bad header
            "GET /a HTTP/1.1\r|",                                   400, carriage return
            POST /a HTTP/1.1|Content-Length: x|,                    400, bad Content-Length: x
            POST /a HTTP/1.1|Content-Length: -1|,                   400, bad Content-Length: -1
            POST /a HTTP/1.1|Content-Length: +1|,                   400, bad Content-Length: +1
            POST /a HTTP/1.1|Content-Length:|,                      400, bad Content-Length
            POST /a HTTP/1.1|Content-Length: 9999999999999999999|,  400, bad Content-Length
            POST /a HTTP/1.1|Content-Length: 1|Content-Length: 2|,  400, two Content-Lengths
            POST /a HTTP/1.1|Content-Length: 1048577|,              413, 1048577
            POST /a HTTP/1.1|Content-Length: 99999999999|,          413, 99999999999
            POST /a HTTP/1.1|Content-Length: 999999999999999999|,   413, 999999999999999999
            POST /a HTTP/1.1|Transfer-Encoding: gzip|,              400, gzip
            POST /a HTTP/1.1|Transfer-Encoding: chunked|Content-Length: 1||, 400, both Transfer-Encoding and Content-Length: 1
            POST /a HTTP/1.1|Transfer-Encoding: chunked||x|,        400, bad chunk size: x
            POST /a HTTP/1.1|Transfer-Encoding: chunked||1|ab|,     400, longer than its size
            POST /a HTTP/1.1|Transfer-Encoding: chunked||fffffff|,  413, exceeds 1048576
            """)
    void whatIsNoRequestIsRefused(String text, int status, String why) {
        refusal(text.replace("|", "\r\n"), status, why);
    }

    @Test
    void whatIsNoTextIsRefusedAtItsFirstByte() {
        refusal("\u0016\u0003\u0001", 400, "byte 22");
        refusal("GET /\u0000", 400, "byte 0");
    }

    @Test
    void aHeadPastItsCapIsRefusedAndOneAtItIsRead() throws Exception {
        String start = "GET / HTTP/1.1\r\na:";
        String rest = "x".repeat(RequestReader.HEAD_CAP - start.length() - 4);

        assertThat(new RequestReader().next(bytes(start + rest + "\r\n\r\n"))).isNotNull();
        refusal(start + rest + "xxxxx", 431, "16384");
        refusal("G".repeat(RequestReader.HEAD_CAP + 1), 431, "16384");
    }

    @ParameterizedTest
    @ValueSource(strings = {"M-SEARCH", "VERSION-CONTROL", "patch", "FOO2", "!"})
    void anyTokenIsAMethod(String method) throws Exception {
        Request request = new RequestReader().next(bytes(method + " /a HTTP/1.1\r\n\r\n"));

        assertThat(request).extracting(Request::method).isEqualTo(method);
    }

    @ParameterizedTest
    @CsvSource(delimiterString = "->", textBlock = """
            /a                           -> /a
            /a?b?c                       -> /a
            *                            -> *
            //a                          -> //a
            http://example.org/a?b       -> /a
            HTTPS://example.org:8080/a   -> /a
            http://example.org           -> /
            http://example.org?b         -> /
            http://example.org/a?c=b://d -> /a
            """)
    void aTargetThatIsAWholeUrlHasThePathOfTheUrl(String target, String path) throws Exception {
        Request request = new RequestReader().next(bytes("GET " + target + " HTTP/1.1\n\n"));

        assertThat(request).extracting(Request::target, Request::path).containsExactly(target,
                path);
    }

    @Test
    void anOlderClientIsNotToldToGoOn() throws Exception {
        var reader = new RequestReader();

        reader.next(bytes("POST /a HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"));

        assertThat(reader.takeExpectsContinue()).isFalse();
    }

    @Test
    void aConnectionIsKeptUnlessOneOfItsHeadersSaysClose() throws Exception {
        for (String close : List.of("close", "Close", "TE , close",
                "keep-alive\r\nConnection: close")) {
            assertThat(new RequestReader().next(
                    bytes("GET /a HTTP/1.1\r\nConnection: " + close + "\r\n\r\n")))
                    .extracting(Request::keepAlive).isEqualTo(false);
        }
        assertThat(new RequestReader().next(
                bytes("GET /a HTTP/1.1\r\nConnection: closer, disclose\r\n\r\n")))
                .extracting(Request::keepAlive).isEqualTo(true);
    }

    @Test
    void aHeaderMayHaveAnyByteThatIsNoControl() throws Exception {
        Request request = new RequestReader().next(bytes("GET / HTTP/1.1\na: \u0085\u00e4\n\n"));

        assertThat(request).extracting(Request::head)
                .isEqualTo("GET / HTTP/1.1\na: \u0085\u00e4\n");
    }

    @Test
    void chunksAreSummedUp() throws Exception {
        String half = "80000\r\n" + "x".repeat(0x80000) + "\r\n";
        String atCap = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + half + half;

        assertThat(new RequestReader().next(bytes(atCap + "0\r\n\r\n"))).isNotNull();
        refusal(atCap + "1\r\n", 413, "1048576");
    }

    @Test
    void aReasonFitsOneLineWhateverTheClientSent() {
        refusal("GET /\u00e9\t" + "y".repeat(200) + "\r\n", 400,
                "bad request line: GET /??" + "y".repeat(73) + "...");
    }

    private static void refusal(String text, int status, String why) {
        assertThatExceptionOfType(Refusal.class)
                .isThrownBy(() -> new RequestReader().next(bytes(text)))
                .withMessageContaining(why).extracting(refusal -> refusal.status).isEqualTo(status);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(ISO_8859_1));
    }

    @Test
    void bodiesUpToTheCapAreRead() throws Exception {
        var reader = new RequestReader();
        var requests = List.of(
                "POST / HTTP/1.1\r\nContent-Length: " + RequestReader.BODY_CAP + "\r\n\r\n",
                "x".repeat(RequestReader.BODY_CAP - 1));
        for (String part : requests) {
            assertThat(reader.next(bytes(part))).isNull();
        }
        assertThat(reader.next(bytes("x"))).isNotNull();
    }
}

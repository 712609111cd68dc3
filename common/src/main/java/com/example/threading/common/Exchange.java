package com.example.threading.common;

import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// One line of the server's log: a request and what became of it.
///
/// @param route the path that was asked for; empty for what is refused, unless that is a path
///     without a route
/// @param attempt which request of the route this is, counting from 1; 0 for a refused one
/// @param connection which connection it came on, counting from 1 as they were accepted; 0 if none
///     could be accepted
/// @param planned the delay that the route's latency asked for
/// @param arrived when the server took it up, all its bytes there and the requests before it on
///     its connection over; since the server's start
/// @param ended when it was answered, aborted, or otherwise over; null while it is pending
/// @param outcome what became of it
/// @param head the request line and the headers as they were sent, one character for each byte;
///     empty if no whole request came
/// @param body the request's body, read as UTF-8
/// @param note the beginning of the request line, or why it was refused: printable, and not long
public record Exchange(String route, int attempt, int connection, Duration planned,
        Duration arrived, @Nullable Duration ended, Outcome outcome, String head, String body,
        String note) {

    /// What became of a request.
    public enum Outcome {
        /// It is in flight.
        PENDING,
        /// The whole response was handed to the network.
        ANSWERED,
        /// The client hung up before it had its answer.
        ABORTED,
        /// The route's fault was carried out.
        FAULTED,
        /// It was no request that the server could serve.
        REFUSED,
        /// The server ended it before the client or the answer did: it was closed or reset, the test
        /// had ended, or the client sent too much ahead of its answer.
        CUT_OFF
    }

    /// {@return the request's method, such as `GET`; empty if no whole request came}
    public String method() {
        return word(0);
    }

    /// {@return what was asked for, as it was sent: mostly a path, with its query; empty if no whole
    /// request came}
    public String target() {
        return word(1);
    }

    /// The same request with another end.
    Exchange with(@Nullable Duration itsEnd, Outcome itsOutcome) {
        return new Exchange(route, attempt, connection, planned, arrived, itsEnd, itsOutcome, head,
                body, note);
    }

    private String word(int index) {
        return head.isEmpty() ? "" : head.split("[ \n]", 3)[index];
    }

    /// {@return the request's headers; the case of their names does not matter}
    public HttpHeaders headers() {
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        head.lines().skip(1).map(line -> line.split(":", 2)).forEach(header -> headers
                .computeIfAbsent(header[0], _ -> new ArrayList<>()).add(header[1].strip()));
        return HttpHeaders.of(headers, (_, _) -> true);
    }

    /// One line for a person to read.
    @Override
    public String toString() {
        String end = ended == null ? "" : String.format(Locale.ROOT, " to %.1f ms", ms(ended));
        return String.format(Locale.ROOT,
                "%s #%d on connection %d, planned %.1f ms, from %.1f ms%s: %s (%s)",
                RequestReader.shown(route), attempt, connection, ms(planned), ms(arrived), end,
                outcome, note);
    }

    private static double ms(Duration duration) {
        return duration.toNanos() / 1e6;
    }
}

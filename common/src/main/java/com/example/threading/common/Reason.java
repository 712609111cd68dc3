package com.example.threading.common;

import com.google.common.base.Throwables;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/// Says in plain words why something could not be fetched.
///
/// The JDK's HTTP client throws the same exception without a message for an unknown host and for a
/// refused connection. Only the cause of its cause tells them apart.
public final class Reason {
    private Reason() {}

    /// {@return why it failed, in one line: `unknown host`, `connection refused`, `timed out while
    /// connecting` or `timed out`; otherwise the message of the innermost cause, or that cause's
    /// class if it has no message}
    ///
    /// @param failure what was thrown; wrappers such as an ExecutionException are looked through
    public static String of(Throwable failure) {
        List<Throwable> chain = Throwables.getCausalChain(failure);
        if (has(chain, UnresolvedAddressException.class, UnknownHostException.class)) {
            return "unknown host";
        }
        if (has(chain, HttpConnectTimeoutException.class)) {
            return "timed out while connecting";
        }
        if (has(chain, HttpTimeoutException.class, SocketTimeoutException.class,
                TimeoutException.class)) {
            return "timed out";
        }
        Throwable root = chain.getLast();
        String message = root.getMessage();
        if (has(chain, ConnectException.class)
                && (message == null || message.equals("Connection refused"))) {
            return "connection refused";
        }
        return CommandLine.oneLine(message == null ? root.toString() : message);
    }

    private static boolean has(List<Throwable> chain, Class<?>... kinds) {
        return chain.stream()
                .anyMatch(cause -> Stream.of(kinds).anyMatch(k -> k.isInstance(cause)));
    }
}

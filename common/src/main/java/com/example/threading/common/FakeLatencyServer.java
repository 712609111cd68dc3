package com.example.threading.common;

import com.google.common.collect.Lists;
import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// An HTTP server in this process whose answers take as long as a test or an example wants, that
/// misbehaves on request, and that can tell afterwards what its clients did.
///
/// It stands in for real services: on loopback, on a port of its own, for HTTP/1.1. One daemon
/// thread serves all connections, whatever the load, and no virtual thread takes part, so that work
/// which keeps every core busy does not look like a slow network. Answers are never early. Clients
/// are set no time limit: one that connects and says nothing stays connected until it hangs up.
///
/// All methods may be called from any thread. Should the server's thread die, its failure is thrown
/// by whatever is called next of the log, the awaits, `reset` and `close`.
public final class FakeLatencyServer extends Endpoint implements AutoCloseable {
    /// What random delays are drawn from unless another seed is given.
    public static final long DEFAULT_SEED = 42;

    private final long seed;
    private final Map<String, Route> routes = new ConcurrentHashMap<>();
    private final EventLoop loop;
    private final Thread thread;
    private final URI base;
    /// Whether the test has ended; confined to the server's thread.
    private boolean hurrying;

    /// Starts a server with [#DEFAULT_SEED].
    ///
    /// @throws UncheckedIOException if there is no port or no file descriptor left
    public FakeLatencyServer() {
        this(DEFAULT_SEED);
    }

    /// Starts a server.
    ///
    /// @param seed what random delays are drawn from: the same seed, path and ordinal on the path
    ///     give the same delay, in whatever order requests arrive
    /// @throws UncheckedIOException if there is no port or no file descriptor left
    public FakeLatencyServer(long seed) {
        super(new Ledger());
        this.seed = seed;
        try {
            loop = new EventLoop(this, ledger);
        } catch (IOException cause) {
            throw new UncheckedIOException("the fake latency server cannot start", cause);
        }
        base = URI.create("http://127.0.0.1:" + loop.port() + "/");
        thread = Thread.ofPlatform().daemon().name("fake-latency-server-", loop.port())
                .start(loop);
    }

    /// Adds a route. Without an answer it responds 200 and names its path; of several, the last
    /// serves all requests that follow.
    ///
    /// @param path from the first slash on, without a query, as it will be in requests
    /// @param latency how long each answer waits
    /// @param answers what is answered: to the first request the first, and so on
    /// @return the route, by which to hold it and to ask what it has seen
    /// @throws IllegalArgumentException if the path is malformed or has been added before
    public Route route(String path, Latency latency, Answer... answers) {
        Objects.requireNonNull(latency, "latency");
        if (!isPath(path)) {
            throw new IllegalArgumentException(
                    "expected a path such as /a, encoded, without a query (a route serves all"
                            + " of them) or a template, but it is " + path);
        }
        List<Answer> script = answers.length == 0
                ? List.of(Answer.ok("this is " + path + "\n"))
                : List.of(answers);
        var route = new Route(this, path, latency, script, seed);
        if (routes.putIfAbsent(path, route) != null) {
            throw new IllegalArgumentException("there is a route for " + path + " already");
        }
        return route;
    }

    /// Adds a route that answers without a delay.
    ///
    /// @param path from the first slash on, without a query, as it will be in requests
    /// @param first what is answered to the first request
    /// @param more to the second, and so on; the last serves all requests that follow
    /// @return the route
    /// @throws IllegalArgumentException if the path is malformed or has been added before
    public Route route(String path, Answer first, Answer... more) {
        return route(path, Latency.none(), Lists.asList(first, more).toArray(new Answer[0]));
    }

    /// {@return the route of this path}
    ///
    /// @param path as it was registered
    /// @throws IllegalArgumentException if there is none; the message names those that there are
    public Route route(String path) {
        Route route = routes.get(path);
        if (route == null) {
            throw new IllegalArgumentException(
                    "expected the path of a route, one of " + new TreeSet<>(routes.keySet())
                            + ", but it is "
                            + path);
        }
        return route;
    }

    /// {@return where the server is: `http://127.0.0.1:port/`}
    public URI uri() {
        return base;
    }

    /// {@return where a route is}
    ///
    /// @param path of a route; a query may follow: `/a?x=1` is served by the route `/a`
    /// @throws IllegalArgumentException if there is no such route, or the query is malformed
    public URI uri(String path) {
        int query = path.indexOf('?');
        route(query < 0 ? path : path.substring(0, query));
        return base.resolve(path);
    }

    /// Sets how long an await waits before it fails, of this server and of its routes. It is ten
    /// seconds unless set.
    ///
    /// @param longest above zero, at most [Latency#LONGEST]
    /// @throws IllegalArgumentException if it is out of range
    public void setPatience(Duration longest) {
        if (!longest.isPositive() || longest.compareTo(Latency.LONGEST) > 0) {
            throw new IllegalArgumentException("expected a patience above 0, at most "
                    + Latency.LONGEST + ", but it is " + longest);
        }
        ledger.setPatience(longest);
    }

    /// Forgets routes, log and numbers, and closes all connections. Delays that are pending end at
    /// once. Routes that were given out before serve nothing any more; their numbers stay as they
    /// are. Does not heed interruption: it takes no longer than the server's thread needs to hear
    /// of it.
    ///
    /// @throws IllegalStateException if the server's thread had died; the cause says of what
    public void reset() {
        ledger.requireAlive();
        run(this::forget);
    }

    /// Empties the log of the server and of its routes, in which a server that runs for long keeps
    /// every request. Routes, numbers and connections stay as they are, and so do the lines of
    /// requests that are in flight.
    public void clearLog() {
        ledger.clearLog(this);
        routes.values().forEach(ledger::clearLog);
    }

    /// Closes all connections, ends the thread and waits for its end. Pending delays end at once;
    /// the log and the numbers can still be read. Closing again does nothing. Does not heed
    /// interruption: it takes no longer than the server's thread needs to hear of it.
    ///
    /// @throws IllegalStateException if the server's thread had died; the cause says of what
    @Override
    public void close() {
        loop.execute(loop::stop);
        Uninterruptibles.joinUninterruptibly(thread);
        ledger.requireAlive();
    }

    /// `fake latency server at http://127.0.0.1:port/`.
    @Override
    public String toString() {
        return "fake latency server at " + base;
    }

    /// The connections that are open, each as `connection` and its number.
    List<String> openConnections() {
        // One that waits to be accepted is open too: for its client, it is.
        run(loop::acceptWaiting);
        return ledger.openConnections();
    }

    /// For the end of a test, whose client may wait for its answers while it closes. What is in
    /// flight is cut off. What is asked from now on is answered at once, without a delay or a gate:
    /// the JDK's client repeats a GET that was cut off.
    void hurry() {
        run(() -> {
            hurrying = true;
            loop.cutOffRequests();
        });
    }

    /// For the next test of a server that several share.
    void hurryNoMore() {
        run(() -> hurrying = false);
    }

    boolean isHurrying() {
        return hurrying;
    }

    @Nullable
    Route find(String path) {
        return routes.get(path);
    }

    void execute(Runnable task) {
        loop.execute(task);
    }

    /// Runs it on the server's thread and waits for its end, whether interrupted or not. For other
    /// threads only: that one would wait for itself.
    void run(Runnable task) {
        CompletableFuture.runAsync(task, loop).join();
    }

    /// As requests have it: without a query, and with what is not ASCII encoded.
    private static boolean isPath(String text) {
        try {
            var uri = new URI(text);
            return text.startsWith("/") && text.equals(uri.getRawPath())
                    && text.equals(uri.toASCIIString());
        } catch (URISyntaxException _) {
            return false;
        }
    }

    private void forget() {
        loop.forgetConnections();
        routes.clear();
        ledger.clear(this);
    }
}

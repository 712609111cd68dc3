package com.example.threading.common;

import static com.example.threading.common.Exchange.Outcome.PENDING;
import static com.example.threading.common.Exchange.Outcome.REFUSED;

import com.example.threading.common.RequestReader.Request;
import com.google.common.collect.Lists;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What the server's thread writes down, and what everyone else reads and waits for. Its monitor
/// guards the log and the numbers of the server and of every route.
final class Ledger {
    private final long startNanos = System.nanoTime();
    private Duration patience = Duration.ofSeconds(10);
    private final Set<Integer> connections = new TreeSet<>();
    private int ends;
    private boolean closed;
    private @Nullable Throwable failure;

    /// A line of the log: a request, and its end once that has come.
    ///
    /// Whoever reads the log does not hold the monitor. Ends are therefore numbered: a reading
    /// ignores each end whose number is higher than there were ends when it began. So its lines
    /// belong to one moment.
    static final class Entry {
        private int endNumber;
        private volatile Exchange exchange;

        Entry(Exchange exchange) {
            this.exchange = exchange;
        }

        Exchange exchange() {
            return exchange;
        }

        private void end(int number, Exchange over) {
            endNumber = number;
            // Last of all: whoever reads this sees the number too.
            exchange = over;
        }

        /// @param ends how many there were at the moment of the reading
        private Exchange asOf(int ends) {
            Exchange now = exchange;
            return endNumber <= ends ? now : now.with(null, PENDING);
        }
    }

    synchronized void setPatience(Duration longest) {
        patience = longest;
    }

    synchronized Entry arrived(Route route, int connection, long nanos, Request request) {
        int attempt = route.accepted + 1;
        var entry = new Entry(
                new Exchange(route.path(), attempt, connection, route.plannedDelay(attempt),
                        sinceStart(nanos), null, PENDING, request.head(), request.body(),
                        request.toString()));
        for (Endpoint endpoint : route.seenBy()) {
            endpoint.add(entry);
            endpoint.accepted++;
            endpoint.inFlight.add(entry);
            endpoint.peakInFlight = Math.max(endpoint.peakInFlight, endpoint.inFlight.size());
        }
        notifyAll();
        return entry;
    }

    synchronized void refused(FakeLatencyServer server, Request request, int connection,
            String path, String why) {
        Duration now = sinceStart(System.nanoTime());
        server.add(new Entry(new Exchange(path, 0, connection, Duration.ZERO, now, now,
                REFUSED, request.head(), request.body(), why)));
        notifyAll();
    }

    synchronized void ended(Route route, Entry entry, Exchange.Outcome outcome) {
        entry.end(++ends, entry.exchange().with(sinceStart(System.nanoTime()), outcome));
        for (Endpoint endpoint : route.seenBy()) {
            endpoint.inFlight.remove(entry);
            switch (outcome) {
                case ANSWERED -> endpoint.answered++;
                case ABORTED -> endpoint.aborted++;
                case PENDING, FAULTED, REFUSED, CUT_OFF -> {
                }
            }
        }
        notifyAll();
    }

    synchronized void connectionOpened(int connection) {
        connections.add(connection);
    }

    synchronized void connectionClosed(int connection) {
        connections.remove(connection);
    }

    synchronized List<String> openConnections() {
        return connections.stream().map(number -> "connection " + number).toList();
    }

    /// What is in flight stays.
    synchronized void clearLog(Endpoint endpoint) {
        // Not emptied but replaced: someone may still be reading the old one.
        endpoint.lines = endpoint.inFlight.toArray(new Entry[0]);
        endpoint.lineCount = endpoint.lines.length;
    }

    synchronized void clear(Endpoint endpoint) {
        endpoint.inFlight.clear();
        endpoint.peakInFlight = 0;
        endpoint.accepted = 0;
        endpoint.answered = 0;
        endpoint.aborted = 0;
        clearLog(endpoint);
    }

    /// Nothing can come about any more.
    synchronized void close() {
        closed = true;
        notifyAll();
    }

    /// The server's thread died of this: whoever asks or waits next must hear of it.
    synchronized void fail(Throwable cause) {
        if (failure == null) {
            failure = cause;
        } else if (!failure.equals(cause)) {
            failure.addSuppressed(cause);
        }
        notifyAll();
    }

    synchronized void requireAlive() {
        if (failure != null) {
            throw new IllegalStateException("the server's thread has died", failure);
        }
    }

    /// Takes no longer for a long log than for a short one, and copies nothing: the server's thread
    /// must not wait for a reader.
    synchronized List<Exchange> log(Endpoint endpoint) {
        requireAlive();
        int endsUpToNow = ends;
        return Collections.unmodifiableList(Lists.transform(
                Arrays.asList(endpoint.lines).subList(0, endpoint.lineCount),
                line -> line.asOf(endsUpToNow)));
    }

    synchronized void await(String goal, Endpoint where, int n, BooleanSupplier reached)
            throws InterruptedException {
        if (n < 0) {
            throw new IllegalArgumentException("expected 0 or more, but it is " + n);
        }
        long start = System.nanoTime();
        while (!reached.getAsBoolean()) {
            requireAlive();
            long left = patience.toNanos() - (System.nanoTime() - start);
            if (closed || left <= 0) {
                throw new AssertionError("expected %s on %s, %s; its log:%n%s".formatted(goal,
                        where,
                        closed ? "which is closed" : "waited " + patience.toMillis() + " ms",
                        text(where)));
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }

    private String text(Endpoint endpoint) {
        return log(endpoint).stream().map(Exchange::toString).collect(Collectors.joining("\n"));
    }

    private Duration sinceStart(long nanos) {
        return Duration.ofNanos(nanos - startNanos);
    }
}

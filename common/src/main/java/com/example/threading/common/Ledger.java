package com.example.threading.common;

import static com.example.threading.common.Exchange.Outcome.PENDING;
import static com.example.threading.common.Exchange.Outcome.REFUSED;

import java.time.Duration;
import java.util.ArrayList;
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
    private final Duration patience;
    private final List<Entry> entries = new ArrayList<>();
    private final Set<Integer> connections = new TreeSet<>();
    private boolean closed;
    private @Nullable Throwable failure;

    Ledger(Duration patience) {
        this.patience = patience;
    }

    /// A line of the log that is still being written.
    static final class Entry {
        final String path;
        final @Nullable Route route;
        final int attempt;
        final int connection;
        final Duration planned;
        final long arrivedNanos;
        final String note;
        long endedNanos;
        Exchange.Outcome outcome = PENDING;

        Entry(String path, @Nullable Route route, int connection, long arrivedNanos, String note) {
            this.path = path;
            this.route = route;
            this.attempt = route == null ? 0 : route.accepted + 1;
            this.connection = connection;
            this.planned = route == null ? Duration.ZERO : route.plannedDelay(attempt);
            this.arrivedNanos = arrivedNanos;
            this.note = note;
        }
    }

    synchronized Entry arrived(Route route, int connection, long nanos, String note) {
        var entry = new Entry(route.path(), route, connection, nanos, note);
        entries.add(entry);
        for (Endpoint seenBy : List.of(route, route.server())) {
            seenBy.accepted++;
            seenBy.inFlight++;
            seenBy.peakInFlight = Math.max(seenBy.peakInFlight, seenBy.inFlight);
        }
        notifyAll();
        return entry;
    }

    synchronized void refused(String path, int connection, String why) {
        var entry = new Entry(path, null, connection, System.nanoTime(), why);
        entry.endedNanos = entry.arrivedNanos;
        entry.outcome = REFUSED;
        entries.add(entry);
        notifyAll();
    }

    synchronized void ended(Entry entry, Exchange.Outcome outcome) {
        entry.endedNanos = System.nanoTime();
        entry.outcome = outcome;
        Route route = entry.route;
        if (route == null) {
            return;
        }
        for (Endpoint seenBy : List.of(route, route.server())) {
            seenBy.inFlight--;
            switch (outcome) {
                case ANSWERED -> seenBy.answered++;
                case ABORTED -> seenBy.aborted++;
                default -> {
                }
            }
        }
        notifyAll();
    }

    synchronized void opened(int connection) {
        connections.add(connection);
    }

    synchronized void closed(int connection) {
        connections.remove(connection);
    }

    synchronized List<String> openConnections() {
        return connections.stream().map(number -> "connection " + number).toList();
    }

    synchronized void clear() {
        entries.clear();
    }

    /// Nothing can come about any more.
    synchronized void close() {
        closed = true;
        notifyAll();
    }

    /// The server's thread died of this: whoever asks or waits next must hear of it.
    synchronized void fail(Throwable cause) {
        failure = cause;
        notifyAll();
    }

    synchronized void requireAlive() {
        if (failure != null) {
            throw new IllegalStateException("the server's thread has died", failure);
        }
    }

    synchronized List<Exchange> log(Endpoint endpoint) {
        requireAlive();
        return entries.stream().filter(endpoint::covers).map(this::exchange).toList();
    }

    synchronized void await(String goal, Endpoint where, BooleanSupplier reached)
            throws InterruptedException {
        long start = System.nanoTime();
        while (!reached.getAsBoolean()) {
            requireAlive();
            long left = patience.toNanos() - (System.nanoTime() - start);
            if (closed || left <= 0) {
                throw new AssertionError("expected %s on %s, %s; its log:%n%s".formatted(goal,
                        where,
                        closed ? "which is closed" : "waited " + patience.toSeconds() + " s",
                        text(where)));
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }

    private String text(Endpoint endpoint) {
        return log(endpoint).stream().map(Exchange::toString).collect(Collectors.joining("\n"));
    }

    private Exchange exchange(Entry e) {
        return new Exchange(e.path, e.attempt, e.connection, e.planned, sinceStart(e.arrivedNanos),
                e.outcome == PENDING ? null : sinceStart(e.endedNanos), e.outcome, e.note);
    }

    private Duration sinceStart(long nanos) {
        return Duration.ofNanos(nanos - startNanos);
    }
}

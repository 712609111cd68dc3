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
    private Duration patience = Duration.ofSeconds(10);
    private final List<Entry> entries = new ArrayList<>();
    private final Set<Integer> connections = new TreeSet<>();
    private boolean closed;
    private @Nullable Throwable failure;

    /// A line of the log that is still being written.
    static final class Entry {
        final List<Endpoint> seenBy;
        final String path;
        final int attempt;
        final int connection;
        final Duration planned;
        final long arrivedNanos;
        final String note;
        long endedNanos;
        Exchange.Outcome outcome = PENDING;

        Entry(List<Endpoint> seenBy, String path, int attempt, int connection, Duration planned,
                long arrivedNanos, String note) {
            this.seenBy = seenBy;
            this.path = path;
            this.attempt = attempt;
            this.connection = connection;
            this.planned = planned;
            this.arrivedNanos = arrivedNanos;
            this.note = note;
        }
    }

    synchronized void setPatience(Duration longest) {
        patience = longest;
    }

    synchronized Entry arrived(Route route, int connection, long nanos, String note) {
        int attempt = route.accepted + 1;
        var entry = new Entry(List.of(route, route.server()), route.path(), attempt, connection,
                route.plannedDelay(attempt), nanos, note);
        entries.add(entry);
        for (Endpoint endpoint : entry.seenBy) {
            endpoint.accepted++;
            endpoint.inFlight++;
            endpoint.peakInFlight = Math.max(endpoint.peakInFlight, endpoint.inFlight);
        }
        notifyAll();
        return entry;
    }

    synchronized void refused(FakeLatencyServer server, String path, int connection, String why) {
        var entry = new Entry(List.of(server), path, 0, connection, Duration.ZERO,
                System.nanoTime(), why);
        entry.endedNanos = entry.arrivedNanos;
        entry.outcome = REFUSED;
        entries.add(entry);
        notifyAll();
    }

    synchronized void ended(Entry entry, Exchange.Outcome outcome) {
        entry.endedNanos = System.nanoTime();
        entry.outcome = outcome;
        for (Endpoint endpoint : entry.seenBy) {
            endpoint.inFlight--;
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

    synchronized void clear(FakeLatencyServer server) {
        entries.clear();
        server.clear();
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

    synchronized List<Exchange> log(Endpoint endpoint) {
        requireAlive();
        return entries.stream().filter(entry -> entry.seenBy.contains(endpoint))
                .map(this::exchange).toList();
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
                        closed ? "which is closed" : "waited " + patience.toMillis() + " ms",
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

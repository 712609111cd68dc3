package com.example.threading.common;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// One path of a [FakeLatencyServer]: what it answers, when, and what it has seen.
///
/// A route can be held, like a gate: its answers then wait, once their delay is over, until the
/// test releases them. So a test can arrange what is in flight at the same time without a clock.
public final class Route extends Endpoint {
    private final FakeLatencyServer server;
    private final String path;
    private final Latency latency;
    private final List<Answer> answers;
    private final long seed;
    private final List<Endpoint> seenBy;

    // Guarded by the ledger.
    private boolean held;
    private int permits;

    /// Those whose delay is over, in that order; confined to the server's thread.
    private final Queue<Connection> atGate = new ArrayDeque<>();

    Route(FakeLatencyServer server, String path, Latency latency, List<Answer> answers, long seed) {
        super(server.ledger);
        this.server = server;
        this.path = path;
        this.latency = latency;
        this.answers = answers;
        this.seed = mixed(seed, path);
        seenBy = List.of(this, server);
    }

    /// Not by the path's hash code, which other paths share. A loop, and no stream: a stream's first
    /// use in a JVM takes some milliseconds, and a first answer should not.
    private static long mixed(long seed, String path) {
        long mix = seed;
        for (int i = 0; i < path.length(); i++) {
            mix = new SplittableRandom(mix + path.charAt(i)).nextLong();
        }
        return mix;
    }

    /// {@return its path, as it was registered}
    public String path() {
        return path;
    }

    /// {@return where to send requests to}
    public URI uri() {
        return server.uri(path);
    }

    /// From now on, answers wait at the gate when their delay is over. Faults are answers too. What
    /// an earlier [#release(int)] still let through is taken back.
    public void hold() {
        synchronized (ledger) {
            held = true;
            permits = 0;
        }
    }

    /// Opens the gate: answers that wait there are given now, and later ones do not wait. Those that
    /// waited are on their way when this returns, so that a [#hold] after it is for later ones only.
    public void release() {
        synchronized (ledger) {
            held = false;
        }
        server.run(this::passGate);
    }

    /// Lets some answers through the gate, those that have waited longest first; if fewer wait, the
    /// next to come. The others stay held. Those that waited are on their way when this returns.
    ///
    /// @param n how many; at least 1
    /// @throws IllegalArgumentException if it is less
    public void release(int n) {
        if (n < 1) {
            throw new IllegalArgumentException("expected 1 answer or more, but it is " + n);
        }
        synchronized (ledger) {
            permits += n;
        }
        server.run(this::passGate);
    }

    /// {@return the delays of the first requests, whoever makes them and in whatever order}
    ///
    /// @param n how many
    public List<Duration> plannedDelays(int n) {
        return IntStream.rangeClosed(1, n).mapToObj(this::plannedDelay).toList();
    }

    /// `route /path`.
    @Override
    public String toString() {
        return "route " + path;
    }

    Duration plannedDelay(int attempt) {
        return latency.delay(seed, attempt);
    }

    Answer answer(int attempt) {
        return answers.get(Math.min(attempt, answers.size()) - 1);
    }

    /// Where its requests are counted and written down.
    List<Endpoint> seenBy() {
        return seenBy;
    }

    /// The delay is over: the connection answers as soon as the gate lets it pass.
    void arriveAtGate(Connection connection) {
        atGate.add(connection);
        passGate();
    }

    /// The request is over, whether by its answer or not.
    void leaveGate(Connection connection) {
        atGate.remove(connection);
    }

    private void passGate() {
        while (!atGate.isEmpty() && (server.isHurrying() || mayPass())) {
            atGate.remove().answer();
        }
    }

    private boolean mayPass() {
        synchronized (ledger) {
            if (!held) {
                return true;
            }
            if (permits == 0) {
                return false;
            }
            permits--;
            return true;
        }
    }
}

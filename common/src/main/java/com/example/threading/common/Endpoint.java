package com.example.threading.common;

import com.example.threading.common.Ledger.Entry;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// What has been seen so far, by the whole server or by one of its routes.
///
/// The numbers are of requests that a route took in; refused ones are only in the log. The awaits
/// return once the number is reached. They throw an [AssertionError] that shows the log if that
/// takes longer than the server's patience (ten seconds, see [FakeLatencyServer#setPatience]), or
/// cannot happen any more because the server was closed.
public abstract sealed class Endpoint permits FakeLatencyServer, Route {
    final Ledger ledger;

    // Guarded by the ledger. A line keeps its place in its array. So whoever has taken the array and
    // the count under the ledger's lock reads the lines without it.
    Entry[] lines = {};
    int lineCount;
    final Set<Entry> inFlight = new LinkedHashSet<>();
    int peakInFlight;
    int accepted;
    int answered;
    int aborted;

    Endpoint(Ledger ledger) {
        this.ledger = ledger;
    }

    /// {@return how many requests have arrived and are not yet over}
    public final int inFlight() {
        synchronized (ledger) {
            return inFlight.size();
        }
    }

    /// {@return the most requests that were ever in flight at the same time}
    public final int peakInFlight() {
        synchronized (ledger) {
            return peakInFlight;
        }
    }

    /// {@return how many requests have arrived}
    public final int accepted() {
        synchronized (ledger) {
            return accepted;
        }
    }

    /// {@return how many responses have been handed to the network, whole}
    public final int answered() {
        synchronized (ledger) {
            return answered;
        }
    }

    /// {@return how many clients hung up before they had their answer}
    public final int aborted() {
        synchronized (ledger) {
            return aborted;
        }
    }

    /// Waits until that many requests are in flight, or more; for 0, until none is.
    ///
    /// @param n how many; 0 or more
    /// @throws IllegalArgumentException if it is less
    /// @throws InterruptedException if it has to wait and the thread is interrupted, before or
    ///     meanwhile
    public final void awaitInFlight(int n) throws InterruptedException {
        ledger.await(n + " in flight", this, n,
                () -> n == 0 ? inFlight.isEmpty() : inFlight.size() >= n);
    }

    /// Waits until that many requests have been answered, or more.
    ///
    /// @param n how many; 0 or more
    /// @throws IllegalArgumentException if it is less
    /// @throws InterruptedException if it has to wait and the thread is interrupted, before or
    ///     meanwhile
    public final void awaitAnswered(int n) throws InterruptedException {
        ledger.await(n + " answered", this, n, () -> answered >= n);
    }

    /// Waits until that many clients, or more, have hung up before they had their answer.
    ///
    /// @param n how many; 0 or more
    /// @throws IllegalArgumentException if it is less
    /// @throws InterruptedException if it has to wait and the thread is interrupted, before or
    ///     meanwhile
    public final void awaitAborted(int n) throws InterruptedException {
        ledger.await(n + " aborted", this, n, () -> aborted >= n);
    }

    /// {@return what became of each request up to now, in the order in which they arrived; pending
    /// ones are among them. The list never changes}
    ///
    /// It is a view of the log, so it takes no time, however long the log is. It also keeps the log's
    /// memory: of a list that you keep for long, keep a copy.
    public final List<Exchange> log() {
        return ledger.log(this);
    }

    /// Called by the ledger, which holds its lock.
    void add(Entry entry) {
        if (lineCount == lines.length) {
            lines = Arrays.copyOf(lines, 2 * lineCount + 16);
        }
        lines[lineCount++] = entry;
    }
}

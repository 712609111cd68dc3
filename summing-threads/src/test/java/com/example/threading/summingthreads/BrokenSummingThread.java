package com.example.threading.summingthreads;

import java.util.function.LongUnaryOperator;

/// Wrong on purpose: the Python class, word by word. It adds up in a field for all to see, whenever
/// they look, and keeps no failure.
class BrokenSummingThread extends Thread {

    long total;

    private final long low;
    private final long high;
    private final LongUnaryOperator term;

    BrokenSummingThread(long low, long high, LongUnaryOperator term) {
        this.low = low;
        this.high = high;
        this.term = term;
    }

    @Override
    public void run() {
        for (long i = low; i < high; i++) {
            total += term.applyAsLong(i);
        }
    }
}

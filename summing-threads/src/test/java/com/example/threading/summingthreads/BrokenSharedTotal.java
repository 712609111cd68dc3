package com.example.threading.summingthreads;

import java.util.function.LongUnaryOperator;

/// Wrong on purpose: all threads add to one field. `total += x` reads the field, adds, and writes
/// it back; what another thread has written in between is lost. Making the field `volatile` changes
/// nothing about that.
class BrokenSharedTotal {

    private volatile long total;

    /// One thread for each of the two numbers.
    long sumOfTwo(long first, long second, LongUnaryOperator term) throws InterruptedException {
        var one = new Thread(() -> add(first, term));
        var other = new Thread(() -> add(second, term));
        one.start();
        other.start();
        one.join();
        other.join();
        return total;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // The fault that this class is here to show.
    private void add(long i, LongUnaryOperator term) {
        total += term.applyAsLong(i);
    }
}

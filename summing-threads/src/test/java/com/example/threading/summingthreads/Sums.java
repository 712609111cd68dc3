package com.example.threading.summingthreads;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Random;
import java.util.concurrent.CountDownLatch;

/// What the tests of this module share.
final class Sums {

    private Sums() {}

    /// Starts and joins a thread.
    static <T extends Thread> T finished(T thread) throws InterruptedException {
        thread.start();
        thread.join();
        return thread;
    }

    /// The sum of `[low, high)` by Gauss, however large.
    static BigInteger closedForm(long low, long high) {
        BigInteger first = BigInteger.valueOf(low);
        BigInteger last = BigInteger.valueOf(high).subtract(BigInteger.ONE);
        BigInteger length = BigInteger.valueOf(high).subtract(first);
        return first.add(last).multiply(length).divide(BigInteger.TWO);
    }

    /// Other numbers in every run; a failing run can be repeated with `-Dseed=…`.
    static Random seededRandom() {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("-Dseed=" + seed);
        return new Random(seed);
    }

    /// Waits in a term, where a checked exception cannot be thrown.
    static void await(CountDownLatch gate) {
        try {
            gate.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedWhileWaiting(e);
        }
    }

    static void assertNoSummingThreadIsAlive() {
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread instanceof SummingThread);
    }

    /// The failure of a term whose waiting was cut short.
    static final class InterruptedWhileWaiting extends RuntimeException {

        private static final long serialVersionUID = 1;

        InterruptedWhileWaiting(InterruptedException cause) {
            super(cause);
        }
    }
}

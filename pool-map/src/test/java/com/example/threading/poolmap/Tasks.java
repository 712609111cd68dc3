package com.example.threading.poolmap;

import static com.google.common.base.Preconditions.checkState;

import com.google.common.collect.Iterators;
import com.google.common.util.concurrent.Uninterruptibles;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Phaser;
import java.util.stream.Stream;

/// What the tests give a pool to do.
final class Tasks {

    private Tasks() {}

    static Iterator<Integer> naturals() {
        return Stream.iterate(0, i -> i + 1).iterator();
    }

    /// The same numbers. Each that is read opens the latch a little further: a function that waits for
    /// it does not return before so many have been read.
    static Iterable<Integer> naturals(CountDownLatch read) {
        return () -> Iterators.transform(naturals(), i -> {
            read.countDown();
            return i;
        });
    }

    /// These items, by an iterator that may be asked for its end only once: as rows of a database that
    /// are closed after the last one, or a queue from which an end mark was taken.
    static <T> Iterable<T> endingOnce(List<T> items) {
        return () -> new Iterator<>() {
            private final Iterator<T> left = items.iterator();
            private boolean ended;

            @Override
            public boolean hasNext() {
                checkState(!ended, "asked again after the end");
                ended = !left.hasNext();
                return !ended;
            }

            @Override
            public T next() {
                return left.next();
            }
        };
    }

    /// Gives a worker something to do, and returns when the worker is at it.
    static CompletableFuture<List<Integer>> onceRunning(ThreadPool pool,
            Callable<Integer> work) throws InterruptedException {
        var running = new CountDownLatch(1);
        var future = pool.mapAsync(_ -> {
            running.countDown();
            return work.call();
        }, List.of(1));
        running.await();
        return future;
    }

    /// Waits until it is interrupted.
    static Integer forEver() throws InterruptedException {
        new CountDownLatch(1).await();
        throw new AssertionError("unreachable");
    }

    static Integer ignoreInterrupts(CountDownLatch gate) {
        Uninterruptibles.awaitUninterruptibly(gate);
        return 0;
    }

    /// Waits until it is interrupted, does not stop at once, and leaves a line in the log as the last
    /// thing it does.
    static Integer stubborn(int item, CountDownLatch run, Queue<String> log) {
        run.countDown();
        try {
            return forEver();
        } catch (InterruptedException _) {
            var cleaner = new Phaser(1);
            Thread.ofPlatform().daemon().start(cleaner::arrive);
            cleaner.awaitAdvance(0);
            log.add("cleaned up after " + item);
            return item;
        }
    }

    static void meet(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /// Fails with item 1 while item 0 runs; item 0 tells when it is interrupted, which means that the
    /// failure is known, and runs on until the gate is opened.
    static InterruptibleFunction<Integer, Integer, Exception> besideAFailure(Exception thrown,
            CountDownLatch failureIsKnown, CountDownLatch gate) {
        var headRuns = new CountDownLatch(1);
        return item -> {
            if (item == 1) {
                headRuns.await();
                throw thrown;
            }
            headRuns.countDown();
            try {
                return forEver();
            } catch (InterruptedException _) {
                failureIsKnown.countDown();
                return ignoreInterrupts(gate);
            }
        };
    }

    static void awaitUnchecked(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}

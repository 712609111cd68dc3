package com.example.threading.summingthreads;

import com.google.common.base.Preconditions;
import com.google.common.primitives.UnsignedLongs;
import com.google.common.util.concurrent.Uninterruptibles;
import java.math.BigInteger;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.function.BiFunction;
import java.util.function.LongUnaryOperator;
import java.util.stream.IntStream;

/// The sum over a range of whole numbers, by several threads at once: a fork/join reduction by
/// plain threads. The range is split into subranges whose lengths differ by at most one. Each gets
/// a [SummingThread], and the totals are added as the threads finish.
///
/// **Exact, or an exception.** A sum that fits a `long` is returned, even if parts of it do not
/// fit. For one that does not fit, an [ArithmeticException] is thrown, whose message tells the sum.
///
/// **No thread is left behind.** When a method returns or throws, all threads that it started have
/// ended. The first failure in time (an [Error] too), or an interrupt of the caller, interrupts
/// every thread. The method waits until they have ended, and then throws that very failure,
/// unchanged and not wrapped, or an [InterruptedException]. What other threads throw after that is
/// dropped.
///
/// **The one thing shared** is a queue: each thread that is done adds itself to it. So the caller
/// learns of a failure at once, whichever thread has failed.
public final class RangeSum {

    /// The most threads that a sum may use, 10,000. More threads than cores help only if terms
    /// wait.
    public static final int MAX_THREADS = 10_000;

    private RangeSum() {}

    /// The sum of the numbers in `[low, high)`.
    ///
    /// @param low the first number of the range
    /// @param high the number after the last one
    /// @param threads how many threads share the work, from 1 to [#MAX_THREADS]; if the range has
    ///        fewer numbers than that, there are as many threads as numbers, but at least one
    /// @return the exact sum
    /// @throws IllegalArgumentException if `low > high`, or `threads` is out of its bounds
    /// @throws ArithmeticException if the sum does not fit a `long`; the message tells the sum
    /// @throws InterruptedException if the caller is interrupted
    /// @throws OutOfMemoryError if the system cannot start so many threads
    public static long sum(long low, long high, int threads) throws InterruptedException {
        return sum(low, high, threads, i -> i);
    }

    /// The sum of `term(i)` for every `i` in `[low, high)`. Several threads call the term at once,
    /// and it is called once for each number.
    ///
    /// @param low the first number of the range
    /// @param high the number after the last one
    /// @param threads how many threads share the work, from 1 to [#MAX_THREADS]; if the range has
    ///        fewer numbers than that, there are as many threads as numbers, but at least one
    /// @param term what to add up; whatever it throws stops the other threads and is thrown here
    /// @return the exact sum
    /// @throws IllegalArgumentException if `low > high`, or `threads` is out of its bounds
    /// @throws ArithmeticException if the sum does not fit a `long`; the message tells the sum
    /// @throws InterruptedException if the caller is interrupted. Each thread then finishes the
    ///         batch of terms that it has begun: up to 1024, and a single one where every term takes
    ///         2 microseconds or more (see [SummingThread]). A term that waits or runs long should
    ///         end on an interrupt itself, by throwing, or by setting the flag again. If it swallows
    ///         the interrupt, its thread goes on to the end of its subrange
    /// @throws CancellationException if a term interrupts the thread that calls it, and that thread
    ///         notices it before the end of its subrange
    /// @throws OutOfMemoryError if the system cannot start so many threads
    public static long sum(long low, long high, int threads, LongUnaryOperator term)
            throws InterruptedException {
        Preconditions.checkArgument(low <= high, "low must not exceed high: %s > %s", low, high);
        Preconditions.checkArgument(threads >= 1 && threads <= MAX_THREADS,
                "threads must be from 1 to %s: %s", MAX_THREADS, threads);
        Objects.requireNonNull(term, "term");
        // Unsigned, since a range can be longer than Long.MAX_VALUE.
        int parts = (int) Math.max(1, UnsignedLongs.min(high - low, threads));
        // Room for every thread, so that adding to it neither waits nor allocates.
        var finished = new ArrayBlockingQueue<SummingThread>(parts);
        List<SummingThread> workers = split(low, high, parts,
                (from, to) -> new SummingThread(from, to, term) {
                    @Override
                    public void run() {
                        super.run();
                        finished.add(this);
                    }
                });
        BigInteger sum = joinAndAdd(workers, finished);
        if (sum.bitLength() < Long.SIZE) {
            return sum.longValue();
        }
        throw new ArithmeticException(
                "sum over [" + low + ", " + high + ") does not fit a long: it is " + sum);
    }

    /// Splits a range into parts. An intermediate result may overflow. The bounds are right
    /// nevertheless, since `long` arithmetic wraps around and every bound lies in the range.
    static <T> List<T> split(long low, long high, int parts, BiFunction<Long, Long, T> part) {
        long length = Long.divideUnsigned(high - low, parts);
        long longer = Long.remainderUnsigned(high - low, parts);
        return IntStream.range(0, parts).mapToObj(k -> {
            long from = low + k * length + Math.min(k, longer);
            return part.apply(from, from + length + (k < longer ? 1 : 0));
        }).toList();
    }

    /// Starts the threads, joins each as it finishes, and adds the totals. Each thread must add
    /// itself to `finished` at its end.
    static BigInteger joinAndAdd(List<? extends SummingThread> workers,
            BlockingQueue<? extends SummingThread> finished) throws InterruptedException {
        try {
            workers.forEach(Thread::start);
            BigInteger sum = BigInteger.ZERO;
            for (int left = workers.size(); left > 0; left--) {
                SummingThread next = finished.take();
                next.join();
                sum = sum.add(next.total());
            }
            return sum;
        } finally {
            // After a success all have been joined, and these two lines do nothing.
            workers.forEach(Thread::interrupt);
            // Cannot be interrupted, since no thread may outlive this call.
            workers.forEach(Uninterruptibles::joinUninterruptibly);
        }
    }
}

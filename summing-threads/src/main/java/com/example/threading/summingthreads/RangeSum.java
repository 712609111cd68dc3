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
/// plain threads. The range is cut into subranges whose lengths differ by at most one, each gets a
/// [SummingThread], and the totals are added as the threads finish.
///
/// **Exact, or an exception.** A sum that fits a `long` is returned, even where parts of it do not
/// fit. One that does not fit is an [ArithmeticException] that tells how large it is.
///
/// **No thread is left behind.** When a method returns or throws, all threads it started have
/// ended. The failure that comes first in time (an [Error] too), or an interrupt of the caller,
/// interrupts every thread; the method waits until they have ended and throws that failure itself,
/// not wrapped, or an [InterruptedException]. Later failures are added to it as suppressed.
///
/// **The one thing shared** is a queue: a thread that is done puts itself there. So the caller
/// learns of a failure at once, whichever thread has failed.
public final class RangeSum {

    private RangeSum() {}

    /// The sum of the numbers in `[low, high)`.
    ///
    /// @param low the first number of the range
    /// @param high the number after the last one
    /// @param threads how many threads share the work, at least 1; for a range with fewer numbers
    ///        than that, as many threads as numbers
    /// @return the exact sum
    /// @throws IllegalArgumentException if `low > high` or `threads < 1`
    /// @throws ArithmeticException if the sum does not fit a `long`; the message tells the sum
    /// @throws InterruptedException if the caller is interrupted; each thread then ends before its
    ///         next block of 2^20 numbers
    /// @throws OutOfMemoryError if the system cannot start so many threads
    public static long sum(long low, long high, int threads) throws InterruptedException {
        int parts = parts(low, high, threads);
        var finished = new ArrayBlockingQueue<SummingThread>(parts);
        var workers = split(low, high, parts, (from, to) -> new Worker(from, to, finished));
        return toLong(joinAndAdd(workers, finished), low, high);
    }

    /// The sum of `term(i)` for every `i` in `[low, high)`. The term is called by several threads
    /// at once, once for each number.
    ///
    /// @param low the first number of the range
    /// @param high the number after the last one
    /// @param threads how many threads share the work, at least 1; for a range with fewer numbers
    ///        than that, as many threads as numbers
    /// @param term what to add up; whatever it throws stops the other threads and is thrown here
    /// @return the exact sum
    /// @throws IllegalArgumentException if `low > high` or `threads < 1`
    /// @throws ArithmeticException if the sum does not fit a `long`; the message tells the sum
    /// @throws InterruptedException if the caller is interrupted; each thread then ends before its
    ///         next term, so a term that waits or runs long should heed the interrupt itself: by
    ///         throwing, or by setting the flag again. One that swallows it lets its thread go on
    ///         to the end of its subrange
    /// @throws CancellationException if a term interrupts the thread that calls it, and is not the
    ///         last of its subrange
    /// @throws OutOfMemoryError if the system cannot start so many threads
    public static long sum(long low, long high, int threads, LongUnaryOperator term)
            throws InterruptedException {
        Objects.requireNonNull(term, "term");
        int parts = parts(low, high, threads);
        var finished = new ArrayBlockingQueue<SummingThread>(parts);
        var workers = split(low, high, parts,
                (from, to) -> new TermWorker(from, to, term, finished));
        return toLong(joinAndAdd(workers, finished), low, high);
    }

    private static int parts(long low, long high, int threads) {
        Preconditions.checkArgument(low <= high, "low must not exceed high: %s > %s", low, high);
        Preconditions.checkArgument(threads >= 1, "threads must be at least 1: %s", threads);
        // Unsigned, since a range can be longer than Long.MAX_VALUE.
        return (int) Math.max(1, UnsignedLongs.min(high - low, threads));
    }

    /// Cuts a range into parts. A bound may overflow on the way; the result is right nevertheless,
    /// since `long` arithmetic wraps around and every bound lies in the range.
    static <T> List<T> split(long low, long high, int parts, BiFunction<Long, Long, T> part) {
        long length = Long.divideUnsigned(high - low, parts);
        long longer = Long.remainderUnsigned(high - low, parts);
        return IntStream.range(0, parts).mapToObj(k -> {
            long from = low + k * length + Math.min(k, longer);
            return part.apply(from, from + length + (k < longer ? 1 : 0));
        }).toList();
    }

    /// Starts the threads, each of which must put itself into `finished` at its end.
    static BigInteger joinAndAdd(List<? extends SummingThread> threads,
            BlockingQueue<SummingThread> finished) throws InterruptedException {
        try {
            threads.forEach(Thread::start);
            BigInteger sum = BigInteger.ZERO;
            for (int left = threads.size(); left > 0; left--) {
                sum = sum.add(totalOf(finished.take()));
            }
            return sum;
        } catch (Throwable first) {
            threads.forEach(Thread::interrupt);
            threads.forEach(Uninterruptibles::joinUninterruptibly);
            finished.forEach(thread -> suppressFailure(thread, first));
            throw first;
        }
    }

    private static BigInteger totalOf(SummingThread finished) {
        // Not to be interrupted, or its failure could be lost; it takes no time, the thread is done.
        Uninterruptibles.joinUninterruptibly(finished);
        return finished.exactTotal();
    }

    @SuppressWarnings("ReferenceEquality") // A failure that only equals the first is another one.
    private static void suppressFailure(SummingThread thread, Throwable first) {
        try {
            thread.exactTotal();
        } catch (SummingThread.Interrupted _) {
            // No failure of its own: it ended because of the first one.
        } catch (Throwable failure) {
            if (failure != first) {
                first.addSuppressed(failure);
            }
        }
    }

    private static long toLong(BigInteger sum, long low, long high) {
        if (sum.bitLength() < Long.SIZE) {
            return sum.longValue();
        }
        throw new ArithmeticException(
                "sum over [" + low + ", " + high + ") does not fit a long: it is " + sum);
    }

    /// A thread that says when it is done.
    private static class Worker extends SummingThread {

        /// Has room for every thread, so that adding to it neither waits nor allocates.
        private final BlockingQueue<SummingThread> finished;

        Worker(long low, long high, BlockingQueue<SummingThread> finished) {
            super(low, high);
            this.finished = finished;
        }

        @Override
        public void run() {
            super.run();
            finished.add(this);
        }
    }

    /// A thread that sums a term instead of the numbers themselves.
    private static final class TermWorker extends Worker {

        private final LongUnaryOperator term;

        TermWorker(long low, long high, LongUnaryOperator term, BlockingQueue<SummingThread> done) {
            super(low, high, done);
            this.term = term;
        }

        @Override
        protected BigInteger sum(long from, long to) {
            // The halves of each value are summed apart: 2^20 halves of 32 bits do not overflow.
            long upper = 0;
            long lower = 0;
            for (long i = from; i < to; i++) {
                endIfInterrupted(i);
                long value = term.applyAsLong(i);
                upper += value >> Integer.SIZE;
                lower += value & 0xFFFF_FFFFL;
            }
            return BigInteger.valueOf(upper).shiftLeft(Integer.SIZE).add(BigInteger.valueOf(lower));
        }
    }
}

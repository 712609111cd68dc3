package com.example.threading.summingthreads;

import com.google.common.base.Preconditions;
import com.google.common.primitives.UnsignedLongs;
import java.math.BigInteger;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.LongUnaryOperator;
import org.apache.commons.lang3.exception.ExceptionUtils;

/// A thread that carries its own input and its own result. It sums the whole numbers of the
/// half-open range `[low, high)`, or a term of each of them. Start several, join each, and add
/// their totals.
///
/// After `SummingThread` in an answer to [How can I use threading in
/// Python?](https://stackoverflow.com/questions/2846653/how-can-i-use-threading-in-python). There
/// the interpreter's lock lets one thread run at a time. Here each can have a core of its own.
///
/// **Why plain fields are safe.** `run` writes the result and ends, and `total` reads it only after
/// that. All that a thread did *happens before* another thread returns from `join()` on it, or sees
/// `isAlive()` return `false` (Java Language Specification, 17.4.4 and 17.4.5). So the fields need
/// neither `volatile` nor a lock.
///
/// **Failure.** What `run` throws is kept. `total` throws the same object, not wrapped. It does not
/// reach the uncaught exception handler, so it goes unnoticed unless somebody asks for the total.
///
/// **Interruption.** A thread that notices its interrupt ends and has no total, because a part of
/// the sum must never pass for the whole. The flag is checked before each batch of terms. The first
/// batch is a single term, and so is the next one after a batch that took 2 microseconds or more.
/// After a quicker one, the next is twice as long, up to 1024 terms. An interrupted thread
/// finishes the batch that it has begun: up to 1024 terms, and a single one where every term takes
/// that long. If slow terms follow quick ones, the batch with the first slow term is finished before
/// the flag is checked again.
///
/// **When not to subclass Thread.** A thread does one piece of work, once. If there are many
/// pieces, or small ones, write them as tasks (`Callable`, `RecursiveTask`) and let an executor
/// supply the threads. If all you need is a sum, use a parallel `LongStream`.
public class SummingThread extends Thread {

    /// Large enough that a new `BigInteger` costs nothing measurable beside a block.
    private static final int BLOCK = 1 << 20;
    /// Large enough that a clock reading and a check of the flag cost little beside a batch.
    private static final int MAX_BATCH = 1024;
    private static final int QUICK_NANOS = 2000;

    private final long low, high;
    private final LongUnaryOperator term;

    /// One of these is written, once, at the end of `run`. Both are read only after that.
    private BigInteger total = BigInteger.ZERO;
    @SuppressWarnings("NullAway.Init") // null unless the run fails
    private Throwable failure;

    /// A thread, not yet started, that will sum the numbers of `[low, high)`. It is named after its
    /// range.
    ///
    /// @param low the first number of the range
    /// @param high the number after the last one; equal to `low` for the empty range, with sum 0
    /// @throws IllegalArgumentException if `low > high`
    public SummingThread(long low, long high) {
        this(low, high, i -> i);
    }

    /// A thread, not yet started, that will sum `term(i)` for every `i` in `[low, high)`. It is
    /// named after its range.
    ///
    /// @param low the first number of the range
    /// @param high the number after the last one; equal to `low` for the empty range, with sum 0
    /// @param term what to add up; called in this thread, once for each number, in ascending order
    /// @throws IllegalArgumentException if `low > high`
    public SummingThread(long low, long high, LongUnaryOperator term) {
        super("sum of [" + low + ", " + high + ")");
        Preconditions.checkArgument(low <= high, "low must not exceed high: %s > %s", low, high);
        this.low = low;
        this.high = high;
        this.term = Objects.requireNonNull(term, "term");
    }

    /// Sums the range. Do not call this: `start` does, in the new thread.
    @Override
    public void run() {
        try {
            total = sumOfBlocks();
        } catch (Throwable e) {
            failure = e;
        }
    }

    /// The sum of the range, once this thread has ended. It is a `BigInteger` because parts of a
    /// sum can be too large for a `long` even if the whole sum is not.
    ///
    /// @return the exact sum, however large
    /// @throws IllegalStateException if this thread was not started, or has not ended yet
    /// @throws CancellationException if an interrupt ended this thread early
    public BigInteger total() {
        // The order matters, since the thread may be started between the two checks. The other way
        // round, it could be not alive at the first and not new at the second, while it runs.
        Preconditions.checkState(getState() != State.NEW && !isAlive(),
                "%s has no total yet: start this thread and join it first", getName());
        // rethrow wraps nothing. It only hides from the compiler that a failure may be checked.
        return failure == null ? total : ExceptionUtils.rethrow(failure);
    }

    private BigInteger sumOfBlocks() {
        BigInteger sum = BigInteger.ZERO;
        for (long from = low, to; from < high; from = to) {
            // Unsigned, since a range can be longer than Long.MAX_VALUE.
            to = from + UnsignedLongs.min(BLOCK, high - from);
            sum = sum.add(sumOfBlock(from, to));
        }
        return sum;
    }

    /// The upper and the lower 32 bits of each value are summed separately, since the sum of 2^20
    /// values may not fit a `long`. The sum of 2^20 halves always does.
    private BigInteger sumOfBlock(long from, long to) {
        long upper = 0;
        long lower = 0;
        long batch = 1;
        long began = System.nanoTime();
        for (long i = from; i < to;) {
            if (isInterrupted()) {
                throw new CancellationException(getName() + " was interrupted at " + i);
            }
            for (long end = i + Math.min(batch, to - i); i < end; i++) {
                long value = term.applyAsLong(i);
                upper += value >> 32;
                lower += value & 0xFFFF_FFFFL;
            }
            long ended = System.nanoTime();
            batch = ended - began < QUICK_NANOS ? Math.min(2 * batch, MAX_BATCH) : 1;
            began = ended;
        }
        return BigInteger.valueOf(upper).shiftLeft(32).add(BigInteger.valueOf(lower));
    }
}

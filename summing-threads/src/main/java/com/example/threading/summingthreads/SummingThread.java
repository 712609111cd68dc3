package com.example.threading.summingthreads;

import com.google.common.base.Preconditions;
import com.google.common.primitives.UnsignedLongs;
import java.math.BigInteger;
import java.util.concurrent.CancellationException;
import org.apache.commons.lang3.exception.ExceptionUtils;

/// A thread that carries its own input and its own result: it sums the whole numbers of the
/// half-open range `[low, high)`. Start several, join each, add their totals.
///
/// After `SummingThread` in an answer to [How can I use threading in
/// Python?](https://stackoverflow.com/questions/2846653/how-can-i-use-threading-in-python), where
/// the interpreter's lock lets one thread run at a time. Here each can have a core of its own.
///
/// **Why plain fields are safe.** All that a thread did *happens before* another thread returns
/// from `join()` on it, or sees `isAlive()` answer `false` (Java Language Specification, 17.4.4
/// and 17.4.5). `run` writes the result and ends, and it is handed out only after that; so
/// neither `volatile` nor a lock is needed.
///
/// **Failure.** What goes wrong in `run` is kept, and thrown by `total`: the same object, not
/// wrapped. It does not reach the uncaught exception handler, so nobody hears of it who does not
/// ask for the total.
///
/// **Interruption** is noticed before each block of 2^20 numbers, which takes less than a millisecond
/// once its loop is compiled. The thread then ends, and it has no total: a part of the sum never
/// passes for the whole.
///
/// **When not to subclass Thread.** A thread can do one piece of work, once. Where pieces are many
/// or small, write them as tasks (`Callable`, `RecursiveTask`) and let an executor bring the
/// threads; for nothing but a sum, use a parallel `LongStream`.
public class SummingThread extends Thread {

    /// Long enough for a look at the interrupt flag to cost nothing beside it.
    private static final int BLOCK = 1 << 20;

    private final long low, high;

    /// One of these is written, once, at the end of `run`; both are read only after that.
    private BigInteger total = BigInteger.ZERO;
    @SuppressWarnings("NullAway.Init") // null unless the run fails
    private Throwable failure;

    /// A thread, not yet started, that will sum `[low, high)`. It is named after its range.
    ///
    /// @param low the first number of the range
    /// @param high the number after the last one; equal to `low` for the empty range, with sum 0
    /// @throws IllegalArgumentException if `low > high`
    public SummingThread(long low, long high) {
        Preconditions.checkArgument(low <= high, "low must not exceed high: %s > %s", low, high);
        super("sum of [" + low + ", " + high + ")");
        this.low = low;
        this.high = high;
    }

    /// Sums the range. Not to be called: `start` does so, in the new thread.
    @Override
    public void run() {
        try {
            total = sumOfBlocks();
        } catch (Throwable e) {
            failure = e;
        }
    }

    /// The sum of the range, once this thread has ended.
    ///
    /// @return the exact sum
    /// @throws IllegalStateException if this thread was not started, or has not ended yet
    /// @throws ArithmeticException if the sum does not fit a `long`; the message tells the sum
    /// @throws CancellationException if an interrupt ended this thread before its last block
    public long total() {
        BigInteger exact = exactTotal();
        if (exact.bitLength() < Long.SIZE) {
            return exact.longValue();
        }
        throw new ArithmeticException(getName() + " does not fit a long: it is " + exact);
    }

    /// The sum of the range, however large, once this thread has ended. The sums of several
    /// threads can be added without a thought for overflow on the way.
    ///
    /// @return the exact sum
    /// @throws IllegalStateException if this thread was not started, or has not ended yet
    /// @throws CancellationException if an interrupt ended this thread before its last block
    public BigInteger exactTotal() {
        // In this order: a thread may leave the state NEW between the two questions.
        Preconditions.checkState(getState() != State.NEW && !isAlive(),
                "%s has no total yet: start this thread and join it first", getName());
        return failure == null ? total : ExceptionUtils.rethrow(failure);
    }

    private BigInteger sumOfBlocks() {
        BigInteger sum = BigInteger.ZERO;
        for (long from = low, to; from < high; from = to) {
            endIfInterrupted(from);
            // Unsigned, since a range can be longer than Long.MAX_VALUE.
            to = from + UnsignedLongs.min(BLOCK, high - from);
            sum = sum.add(sum(from, to));
        }
        return sum;
    }

    final void endIfInterrupted(long next) {
        if (isInterrupted()) {
            throw new Interrupted(getName() + " was interrupted at " + next);
        }
    }

    /// The sum of the numbers of one block, a small part of the range. A subclass may sum
    /// something else.
    ///
    /// @param from the first number of the block
    /// @param to the number after the last one, at most 2^20 further on
    /// @return the exact sum
    protected BigInteger sum(long from, long to) {
        // Distances from the first number are small: they do not overflow, wherever the range is.
        long distances = 0;
        for (long i = from; i < to; i++) {
            distances += i - from;
        }
        BigInteger length = BigInteger.valueOf(to - from);
        return BigInteger.valueOf(from).multiply(length).add(BigInteger.valueOf(distances));
    }

    /// How a thread ends that has seen its interrupt. A type of its own, which tells it from a
    /// [CancellationException] that comes out of what is summed.
    static final class Interrupted extends CancellationException {

        private static final long serialVersionUID = 1;

        Interrupted(String message) {
            super(message);
        }
    }
}

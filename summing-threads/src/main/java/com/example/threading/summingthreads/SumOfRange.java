package com.example.threading.summingthreads;

import com.google.common.base.Preconditions;
import com.google.common.primitives.Ints;
import com.google.common.primitives.Longs;
import java.io.PrintStream;
import java.math.BigInteger;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/// The runnable example: two threads that sum a million numbers, then a range that is worth it, by
/// one thread and by more, beside what one would take instead.
///
/// Without arguments the second range is `[0, 10^9)`, by 1, 2, … threads up to the number of
/// cores. With the arguments `low high threads` it is `[low, high)`, by one thread and by so many.
public final class SumOfRange {

    /// The first run of a loop is slower, since it is still being compiled.
    private static final int RUNS = 3;

    private SumOfRange() {}

    /// Runs the example. A mistake in the arguments is one line on standard error and exit status 2.
    ///
    /// @param args nothing, or `low high threads`
    /// @throws Exception if the work itself failed; the exit status is 1
    public static void main(String[] args) throws Exception {
        System.exit(run(System.out, System.err, args));
    }

    static int run(PrintStream out, PrintStream err, String... args) throws Exception {
        try {
            if (args.length == 0) {
                sumByTwoThreads(out);
                int cores = Runtime.getRuntime().availableProcessors();
                compare(0, 1_000_000_000, IntStream.rangeClosed(1, cores), out);
            } else {
                Preconditions.checkArgument(args.length == 3,
                        "expected three arguments, low high threads, or none; got %s", args.length);
                int threads = Optional.ofNullable(Ints.tryParse(args[2]))
                        .orElseThrow(() -> notANumber("threads", args[2], 1, Integer.MAX_VALUE));
                Preconditions.checkArgument(threads >= 1, "threads must be at least 1: %s",
                        threads);
                compare(parse("low", args[0]), parse("high", args[1]),
                        IntStream.of(1, threads).distinct(), out);
            }
            return 0;
        } catch (IllegalArgumentException | ArithmeticException e) {
            err.println(e.getMessage());
            return 2;
        }
    }

    /// The program of the answer.
    static void sumByTwoThreads(PrintStream out) throws InterruptedException {
        // tag::two-threads[]
        var first = new SummingThread(0, 500_000);
        var second = new SummingThread(500_000, 1_000_000);
        first.start();
        second.start();

        first.join();
        second.join();
        long sum = Math.addExact(first.total(), second.total());
        // end::two-threads[]
        out.println(first.getName() + " = " + first.total());
        out.println(second.getName() + " = " + second.total());
        out.println("both = " + sum);
        out.println();
    }

    private static void compare(long low, long high, IntStream threadCounts, PrintStream out)
            throws Exception {
        long sum = closedForm(low, high);
        out.println("sum of [" + low + ", " + high + ") = " + sum);
        out.println("                         ms   speed-up");
        double loop = bestMillis(sum, () -> plainLoop(low, high));
        printRow(out, "plain loop", loop, loop);
        for (int threads : threadCounts.toArray()) {
            double millis = bestMillis(sum, () -> byThreads(low, high, threads));
            printRow(out, threads == 1 ? "1 thread" : threads + " threads", millis, loop);
        }
        printRow(out, "parallel LongStream",
                bestMillis(sum, () -> LongStream.range(low, high).parallel().sum()), loop);
        printRow(out, "closed form", bestMillis(sum, () -> closedForm(low, high)), loop);
        out.println(
                "Speed-up: how many times faster than the plain loop. Threads gain as much as they");
        out.println("find idle cores; a better algorithm gains more than all of them.");
    }

    private static long byThreads(long low, long high, int threads) throws InterruptedException {
        try {
            return RangeSum.sum(low, high, threads);
        } catch (OutOfMemoryError e) {
            throw new IllegalArgumentException(
                    "cannot start " + threads + " threads: " + e.getMessage(), e);
        }
    }

    static long plainLoop(long low, long high) {
        long sum = 0;
        for (long i = low; i < high; i++) {
            sum += i;
        }
        return sum;
    }

    private static long closedForm(long low, long high) {
        Preconditions.checkArgument(low <= high, "low must not exceed high: %s > %s", low, high);
        BigInteger first = BigInteger.valueOf(low);
        BigInteger end = BigInteger.valueOf(high);
        BigInteger sum = first.add(end).subtract(BigInteger.ONE).multiply(end.subtract(first))
                .shiftRight(1);
        if (sum.bitLength() < Long.SIZE) {
            return sum.longValue();
        }
        throw new ArithmeticException(
                "sum of [" + low + ", " + high + ") does not fit a long: it is " + sum);
    }

    private static double bestMillis(long expected, Callable<Long> sum) throws Exception {
        long best = Long.MAX_VALUE;
        for (int run = 0; run < RUNS; run++) {
            long start = System.nanoTime();
            long result = sum.call();
            best = Math.min(best, System.nanoTime() - start);
            Preconditions.checkState(result == expected, "expected %s, got %s", expected, result);
        }
        return best / 1e6;
    }

    private static void printRow(PrintStream out, String name, double millis, double loop) {
        out.println(String.format(Locale.ROOT, "%-20s %9.3f %8.1f", name, millis, loop / millis));
    }

    private static long parse(String name, String value) {
        return Optional.ofNullable(Longs.tryParse(value))
                .orElseThrow(() -> notANumber(name, value, Long.MIN_VALUE, Long.MAX_VALUE));
    }

    private static IllegalArgumentException notANumber(String name, String value, long min,
            long max) {
        return new IllegalArgumentException(
                name + " must be a whole number from " + min + " to " + max + ": " + value);
    }
}

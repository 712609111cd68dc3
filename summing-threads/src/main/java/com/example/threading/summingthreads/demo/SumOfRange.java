package com.example.threading.summingthreads.demo;

import com.example.threading.common.CommandLine;
import com.example.threading.common.CommandLine.BadArgument;
import com.example.threading.summingthreads.RangeSum;
import com.example.threading.summingthreads.SummingThread;
import java.io.PrintStream;
import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/// The runnable example. Two threads sum a million numbers. Then a range that is worth the effort
/// is summed by a loop, by one thread and by more, and by what one would use instead.
public final class SumOfRange {

    private static final String USAGE = """
            usage: SumOfRange [low high threads]

            Sums the whole numbers from low to high - 1 by a loop, by one thread, by that many
            threads, by a parallel stream and by the closed form, and prints how long each takes.
            Without arguments: two threads sum a million numbers; then the range from 0 to
            999999999 is summed by 1, 2, ... threads, up to the number of cores.
            """;

    /// The first run of a loop is slower, since it is still being compiled.
    private static final int RUNS = 3;

    /// A loop adds so many in about half a minute.
    private static final long MOST_NUMBERS = 100_000_000_000L;

    private SumOfRange() {}

    /// Runs the example. The exit status is 2 if an argument is bad, and 1 if the work fails; both
    /// are one line on standard error.
    ///
    /// @param args nothing, or `low high threads`
    public static void main(String[] args) {
        System.exit(run(System.out, System.err, args));
    }

    static int run(PrintStream out, PrintStream err, String... args) {
        return CommandLine.run(USAGE, List.of(args), out, err, SumOfRange::run);
    }

    private static int run(List<String> args, PrintStream out, PrintStream err) throws Exception {
        try {
            if (args.isEmpty()) {
                sumByTwoThreads(out);
                int cores = Runtime.getRuntime().availableProcessors();
                compare(0, 1_000_000_000, IntStream.rangeClosed(1, cores), out);
            } else if (args.size() == 3) {
                long low = wholeNumber("low", args.get(0));
                long high = wholeNumber("high", args.get(1));
                int threads = (int) CommandLine.wholeNumber("threads", args.get(2), 1,
                        RangeSum.MAX_THREADS);
                // As many as RangeSum will start: there are no more threads than numbers.
                int started = Math.clamp(numbers(low, high), 1, threads);
                compare(low, high, IntStream.of(1, started).distinct(), out);
            } else {
                throw new BadArgument(
                        "expected three arguments, low high threads, or none, but got "
                                + args.size());
            }
            return 0;
        } catch (OutOfMemoryError e) {
            err.println("cannot start so many threads: " + e.getMessage());
            return 1;
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
        BigInteger sum = first.total().add(second.total());
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
            double millis = bestMillis(sum, () -> RangeSum.sum(low, high, threads));
            printRow(out, threads == 1 ? "1 thread" : threads + " threads", millis, loop);
        }
        printRow(out, "parallel LongStream",
                bestMillis(sum, () -> LongStream.range(low, high).parallel().sum()), loop);
        printRow(out, "closed form", bestMillis(sum, () -> closedForm(low, high)), loop);
        out.println("Speed-up: how many times faster than the plain loop. Threads are faster only");
        out.println("if cores are idle; a better algorithm is faster than all of them.");
    }

    static long plainLoop(long low, long high) {
        long sum = 0;
        for (long i = low; i < high; i++) {
            sum += i;
        }
        return sum;
    }

    private static long closedForm(long low, long high) {
        BigInteger first = BigInteger.valueOf(low);
        BigInteger end = BigInteger.valueOf(high);
        BigInteger sum = first.add(end).subtract(BigInteger.ONE).multiply(end.subtract(first))
                .shiftRight(1);
        if (sum.bitLength() >= Long.SIZE) {
            throw new BadArgument("expected a range whose sum fits a long, but it is " + sum);
        }
        return sum.longValue();
    }

    private static double bestMillis(long expected, Callable<Long> sum) throws Exception {
        long best = Long.MAX_VALUE;
        int runs = 0;
        do {
            long start = System.nanoTime();
            long result = sum.call();
            best = Math.min(best, System.nanoTime() - start);
            if (result != expected) {
                throw new AssertionError("expected " + expected + ", but got " + result);
            }
            runs++;
            // Compiling is only a small part of a run that takes seconds, so one is enough.
        } while (runs < RUNS && best < TimeUnit.SECONDS.toNanos(1));
        return best / 1e6;
    }

    private static void printRow(PrintStream out, String name, double millis, double loop) {
        out.println(String.format(Locale.ROOT, "%-20s %9.3f %8.1f", name, millis, loop / millis));
    }

    private static long wholeNumber(String name, String argument) {
        return CommandLine.wholeNumber(name, argument, Long.MIN_VALUE, Long.MAX_VALUE);
    }

    /// How many numbers there are, if a loop can add them in reasonable time.
    private static long numbers(long low, long high) {
        if (low > high) {
            throw new BadArgument("expected low to be at most high, but " + low + " > " + high);
        }
        BigInteger numbers = BigInteger.valueOf(high).subtract(BigInteger.valueOf(low));
        if (numbers.compareTo(BigInteger.valueOf(MOST_NUMBERS)) > 0) {
            throw new BadArgument("expected at most " + MOST_NUMBERS + " numbers, which a loop adds"
                    + " in about half a minute, but [" + low + ", " + high + ") has " + numbers);
        }
        return numbers.longValue();
    }
}

package com.example.threading;

import com.example.threading.summingthreads.RangeSum;

/// Adds squares in two threads. A project from the archetype starts with this class.
final class SumOfSquares {

    private SumOfSquares() {}

    // tag::use[]
    static long sumOfSquares(long count) throws InterruptedException {
        return RangeSum.sum(0, count, 2, i -> i * i);
    }
    // end::use[]

    /// Prints the sum of the squares below the number that is given, or below a million.
    public static void main(String... args) throws InterruptedException {
        try {
            System.out.println(
                    sumOfSquares(args.length == 0 ? 1_000_000 : Long.parseLong(args[0])));
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(2);
        }
    }
}

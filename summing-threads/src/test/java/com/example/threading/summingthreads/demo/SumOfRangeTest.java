package com.example.threading.summingthreads.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.threading.common.NoLeaks;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
class SumOfRangeTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void printsTheTotalsOfTheTwoThreadsAndTheirSum() throws InterruptedException {
        SumOfRange.sumByTwoThreads(new PrintStream(out, true, StandardCharsets.UTF_8));
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualToNormalizingNewlines("""
                sum of [0, 500000) = 124999750000
                sum of [500000, 1000000) = 374999750000
                both = 499999500000

                """);
    }

    @Test
    void comparesTheWaysToSumTheGivenRange() {
        assertThat(run("-1000000", "2000000", "3")).isZero();
        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .startsWith("sum of [-1000000, 2000000) = 1499998500000").containsSubsequence(
                        "plain loop", "1 thread ", "3 threads", "parallel LongStream",
                        "closed form");
    }

    @Test
    void oneThreadIsComparedOnce() {
        assertThat(run("0", "10", "1")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).containsOnlyOnce("1 thread")
                .doesNotContain("1 threads");
    }

    @ParameterizedTest
    @CsvSource({"0, 10, 10 threads", "0, 1, 1 thread ", "7, 7, 1 thread "})
    void aRowSaysHowManyThreadsRan(String low, String high, String row) {
        assertThat(run(low, high, "9999")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("\n" + row)
                .doesNotContain("9999");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "-h"})
    void helpNamesTheArguments(String option) {
        assertThat(run(option)).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .startsWith("usage: SumOfRange [low high threads]");
        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = { //
            "1 2| expected three arguments, low high threads, or none, but got 2",
            "1 2 3 4| expected three arguments, low high threads, or none, but got 4",
            "x 2 3| expected a whole number from -9223372036854775808 to 9223372036854775807"
                    + " for low, but it is 'x'",
            "1 1e9 3| expected a whole number from -9223372036854775808 to 9223372036854775807"
                    + " for high, but it is '1e9'",
            "1 2 many| expected a whole number from 1 to 10000 for threads, but it is 'many'",
            "1 2 0| expected a whole number from 1 to 10000 for threads, but it is '0'",
            "1 2 10001| expected a whole number from 1 to 10000 for threads, but it is '10001'",
            "3 2 1| expected low to be at most high, but 3 > 2",
            "9223372036854775800 9223372036854775807 2"
                    + "| expected a range whose sum fits a long, but it is 64563604257983430621",
            "0 100000000001 2| expected at most 100000000000 numbers, which a loop adds in about"
                    + " half a minute, but [0, 100000000001) has 100000000001",
            "-4000000000000000000 4000000000000000000 2| expected at most 100000000000 numbers,"
                    + " which a loop adds in about half a minute,"
                    + " but [-4000000000000000000, 4000000000000000000) has 8000000000000000000",
            "-9223372036854775808 9223372036854775807 2| expected at most 100000000000 numbers,"
                    + " which a loop adds in about half a minute,"
                    + " but [-9223372036854775808, 9223372036854775807) has 18446744073709551615"})
    void aMistakeIsOneLineOnStandardErrorAndStatusTwo(String args, String line) {
        assertThat(run(args.split(" "))).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualToNormalizingNewlines(line + "\n");
        assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void anInterruptIsOneLineOnStandardErrorAndStatusOne() {
        Thread.currentThread().interrupt();
        assertThat(run("0", "10", "2")).isEqualTo(1);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(err.toString(StandardCharsets.UTF_8))
                .isEqualToNormalizingNewlines("interrupted\n");
    }

    private int run(String... args) {
        return SumOfRange.run(new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8), args);
    }
}

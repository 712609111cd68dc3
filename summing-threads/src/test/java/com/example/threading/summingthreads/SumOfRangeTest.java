package com.example.threading.summingthreads;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.threading.common.NoLeaks;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(NoLeaks.class)
class SumOfRangeTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void printsThePartialTotalsOfTheTwoThreads() throws InterruptedException {
        SumOfRange.sumByTwoThreads(new PrintStream(out, true, StandardCharsets.UTF_8));
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualToNormalizingNewlines("""
                sum of [0, 500000) = 124999750000
                sum of [500000, 1000000) = 374999750000
                both = 499999500000

                """);
    }

    @Test
    void comparesTheWaysToSumTheGivenRange() throws Exception {
        assertThat(run("-1000000", "2000000", "3")).isZero();
        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .startsWith("sum of [-1000000, 2000000) = 1499998500000").containsSubsequence(
                        "plain loop", "1 thread ", "3 threads", "parallel LongStream",
                        "closed form");
    }

    @Test
    void oneThreadIsComparedOnce() throws Exception {
        assertThat(run("0", "10", "1")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).containsOnlyOnce("1 thread")
                .doesNotContain("1 threads");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = { //
            "1 2| expected three arguments, low high threads, or none; got 2",
            "1 2 3 4| expected three arguments, low high threads, or none; got 4",
            "x 2 3| low must be a whole number from -9223372036854775808 to 9223372036854775807: x",
            "1 1e9 3| high must be a whole number from -9223372036854775808 to 9223372036854775807: 1e9",
            "1 2 many| threads must be a whole number from 1 to 2147483647: many",
            "1 2 2147483648| threads must be a whole number from 1 to 2147483647: 2147483648",
            "1 2 0| threads must be at least 1: 0", "1 2 -2| threads must be at least 1: -2",
            "3 2 1| low must not exceed high: 3 > 2",
            "0 9223372036854775807 2| sum of [0, 9223372036854775807) does not fit a long:"
                    + " it is 42535295865117307919086767873688862721"})
    void aMistakeIsOneLineOnStandardErrorAndStatusTwo(String args, String line) throws Exception {
        assertThat(run(args.split(" "))).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualToNormalizingNewlines(line + "\n");
        assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    private int run(String... args) throws Exception {
        return SumOfRange.run(new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8), args);
    }
}

package com.example.threading.common;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.threading.common.CommandLine.BadArgument;
import com.example.threading.common.CommandLine.Program;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void aProgramGetsItsArgumentsAndGivesTheExitStatus() {
        assertThat(run((args, printed, failures) -> {
            printed.print(args);
            failures.print("but");
            return 1;
        }, "a", "b")).isEqualTo(1);

        assertThat(out.toString(UTF_8)).isEqualTo("[a, b]");
        assertThat(err.toString(UTF_8)).isEqualTo("but");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "-h"})
    void helpIsPrintedAndNothingIsRun(String option) {
        assertThat(run((_, _, _) -> 1, "a", option)).isZero();

        assertThat(out.toString(UTF_8)).isEqualToNormalizingNewlines("usage: example\n");
        assertThat(err.toString(UTF_8)).isEmpty();
    }

    @Test
    void aBadArgumentIsOneLineAndStatus2() {
        assertThat(run((args, _, _) -> {
            throw new BadArgument("not " + args.getFirst());
        }, "two\nlines")).isEqualTo(2);

        assertThat(err.toString(UTF_8)).isEqualToNormalizingNewlines("not two?lines\n");
        assertThat(out.toString(UTF_8)).isEmpty();
    }

    @Test
    void workThatFailsIsOneLineAndStatus1() {
        assertThat(run((_, _, _) -> {
            throw new ExecutionException(new IOException("broken\u0007 pipe"));
        })).isEqualTo(1);

        assertThat(err.toString(UTF_8)).isEqualToNormalizingNewlines("broken? pipe\n");
    }

    @Test
    void anInterruptIsAFailureAndTheThreadStaysInterrupted() {
        assertThat(run((_, _, _) -> {
            throw new InterruptedException();
        })).isEqualTo(1);

        assertThat(err.toString(UTF_8)).isEqualToNormalizingNewlines("interrupted\n");
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void aBugIsPassedOn() {
        var bug = new IllegalArgumentException("of the program");

        assertThatThrownBy(() -> run((_, _, _) -> {
            throw bug;
        })).isSameAs(bug);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://example.com", "HTTPS://example.com/a?b#c", "http://[::1]:1/",
            "http://localhost:65535/"})
    void anHttpUrlIsOne(String argument) {
        assertThat(CommandLine.url(argument)).isEqualTo(URI.create(argument));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nonsense", "example.com", "//example.com/", "ftp://example.com/",
            "httpss://example.com/", "http:", "http://", "http:///path", "http://a b/",
            "mailto:a@example.com", "http://localhost:0/", "http://localhost:65536/"})
    void whatIsNoHttpUrlIsRefusedWithTheValue(String argument) {
        assertThatThrownBy(() -> CommandLine.url(argument)).isInstanceOf(BadArgument.class)
                .hasMessage("expected a URL such as https://example.com/, but it is '" + argument
                        + "'");
    }

    @Test
    void aWholeNumberInItsRangeIsOne() {
        assertThat(CommandLine.wholeNumber("n", "-3", -3, 7)).isEqualTo(-3);
        assertThat(CommandLine.wholeNumber("n", "7", -3, 7)).isEqualTo(7);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "-4", "8", "1e0", "1.0", "9223372036854775808"})
    void whatIsNoNumberOfTheRangeIsRefusedWithTheValue(String argument) {
        assertThatThrownBy(() -> CommandLine.wholeNumber("low", argument, -3, 7))
                .isInstanceOf(BadArgument.class)
                .hasMessage("expected a whole number from -3 to 7 for low, but it is '" + argument
                        + "'");
    }

    private int run(Program program, String... args) {
        return CommandLine.run("usage: example\n", List.of(args), new PrintStream(out, true, UTF_8),
                new PrintStream(err, true, UTF_8), program);
    }
}

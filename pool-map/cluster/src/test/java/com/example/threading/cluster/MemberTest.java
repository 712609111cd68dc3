package com.example.threading.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What [Member] says to arguments that are wrong. [LostMemberTest] runs it with right ones.
class MemberTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "''          | expected a number of threads and perhaps host:port, not:",
            "4 h:1 i:2   | expected a number of threads and perhaps host:port, not: 4 h:1 i:2",
            "0           | threads must be from 1 to 1000, not 0",
            "1001        | threads must be from 1 to 1000, not 1001",
            "four        | threads must be from 1 to 1000, not four",
            "99999999999 | threads must be from 1 to 1000, not 99999999999",
            "4 nonsense  | expected host:port, not: nonsense",
            "4 nowhere.invalid:5701 | unknown host: nowhere.invalid"})
    void aWrongArgumentIsNamedAndNothingIsStarted(String args, String message) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();

        int status = Member.run(args.isEmpty() ? List.of() : List.of(args.split(" ")),
                new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8));

        assertThat(status).isEqualTo(2);
        assertThat(err.toString(UTF_8).lines()).singleElement().asString().startsWith(message);
        assertThat(out.toString(UTF_8)).isEmpty();
    }
}

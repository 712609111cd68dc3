package com.example.threading.poolmap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Holds this module's page to what its tests have found.
class PageTest {

    private static final Pattern LINK = Pattern.compile("\\((\\S+Test\\.java)\\)");
    /// Three words or more, such as the name of a test.
    private static final Pattern CLAIM = Pattern.compile("`([a-z]+([A-Z]\\w*){2,})`");

    @Test
    void theTablesOfTheOtherWaysAreThoseThatAreTested() throws Exception {
        assertThat(Files.readAllLines(Path.of("README.md")))
                .containsSequence(rows(Way::rowOfWork))
                .containsSequence(rows(Way::rowOfFailures));
    }

    /// A line that links to test classes is followed by claims that are tests of those classes.
    @Test
    void everyPromiseIsATestOfTheClassThatIsNamedAboveIt() throws Exception {
        String page = Files.readString(Path.of("README.md"));
        String promises = page.substring(page.indexOf("\n## What it promises"),
                page.indexOf("\n## How it works"));
        int claims = 0;
        String tests = "";
        for (String line : promises.lines().toList()) {
            if (line.contains("Test.java)")) {
                tests = sources(line);
            }
            for (MatchResult claim : CLAIM.matcher(line).results().toList()) {
                assertThat(tests).as(line).containsPattern("void " + claim.group(1) + "\\(");
                claims++;
            }
        }
        assertThat(claims).isGreaterThan(20);
    }

    private static String sources(String line) throws IOException {
        var sources = new StringBuilder();
        for (MatchResult link : LINK.matcher(line).results().toList()) {
            sources.append(Files.readString(Path.of(link.group(1))));
        }
        return sources.toString();
    }

    private static Iterable<String> rows(Function<Way, String> row) {
        return Stream.of(Way.values()).map(row).distinct().toList();
    }
}

package com.example.threading.poolmap;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Holds this module's page to what its tests have found.
class PageTest {

    @Test
    void theTablesOfTheOtherWaysAreThoseThatAreTested() throws Exception {
        assertThat(Files.readAllLines(Path.of("README.md")))
                .containsSequence(rows(Way::rowOfWork))
                .containsSequence(rows(Way::rowOfFailures));
    }

    private static Iterable<String> rows(Function<Way, String> row) {
        return Stream.of(Way.values()).map(row).distinct().toList();
    }
}

package com.example.threading.poolmap;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Holds this module's page to what its tests have found.
class PageTest {

    @Test
    void theTableOnThePageIsTheOneThatIsTested() throws Exception {
        assertThat(Files.readAllLines(Path.of("README.md")))
                .containsSubsequence(
                        Stream.of(Way.values()).map(Way::row).distinct().toList());
    }
}

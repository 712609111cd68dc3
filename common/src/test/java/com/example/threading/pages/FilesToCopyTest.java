package com.example.threading.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Holds the first table of the root's page to the files that a pattern consists of.
class FilesToCopyTest {

    private static final Path ROOT = Path.of("..");

    @ParameterizedTest
    @ValueSource(strings = {"pool-map", "first-response", "summing-threads"})
    void theTableNamesEachFileAndWhatItNeeds(String module) throws IOException {
        StringBuilder sources = new StringBuilder();
        String row = row(module);
        for (Path file : files(module)) {
            assertThat(row).contains("(" + ROOT.relativize(file) + ")");
            sources.append(Files.readString(file));
        }

        assertThat(row.contains("Guava")).as("Guava")
                .isEqualTo(sources.indexOf("import com.google.common.") >= 0);
        assertThat(row.contains("commons-lang3")).as("commons-lang3")
                .isEqualTo(sources.indexOf("import org.apache.commons.lang3.") >= 0);
        assertThat(row).contains("Java 21");
    }

    private static String row(String module) throws IOException {
        return Files.readAllLines(ROOT.resolve("README.md")).stream()
                .filter(line -> line.startsWith("| ")
                        && line.contains("](" + module + "/README.md)"))
                .findFirst().orElseThrow();
    }

    /// The files in the package of the module, without those of its demo.
    private static List<Path> files(String module) throws IOException {
        Path folder = ROOT.resolve(module).resolve("src/main/java/com/example/threading")
                .resolve(module.replace("-", ""));
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".java")
                    && !file.endsWith("package-info.java")).toList();
        }
    }
}

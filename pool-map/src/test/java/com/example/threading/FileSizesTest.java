package com.example.threading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileSizesTest {

    @TempDir
    private Path folder;

    @Test
    void sizesAreInTheOrderOfTheFiles() throws Exception {
        List<Path> files = new ArrayList<>();
        List<Long> expected = new ArrayList<>();
        for (int size = 20; size > 0; size--) {
            files.add(Files.write(folder.resolve("of" + size), new byte[size]));
            expected.add((long) size);
        }

        assertThat(FileSizes.sizes(files)).isEqualTo(expected);
    }

    @Test
    void aMissingFileIsNamed() {
        assertThatThrownBy(() -> FileSizes.sizes(List.of(folder, folder.resolve("missing"))))
                .isInstanceOf(NoSuchFileException.class).hasMessageContaining("missing");
    }

    @Test
    void noFilesHaveNoSizes() throws Exception {
        assertThat(FileSizes.sizes(List.of())).isEmpty();
    }
}

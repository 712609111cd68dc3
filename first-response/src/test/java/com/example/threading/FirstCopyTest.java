package com.example.threading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.threading.firstresponse.FirstResponse.AllFailedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FirstCopyTest {

    @TempDir
    private Path folder;

    @Test
    void aCopyIsReadThoughAnotherIsMissing() throws Exception {
        Path copy = Files.writeString(folder.resolve("copy"), "text");

        assertThat(FirstCopy.read(List.of(folder.resolve("missing"), copy))).isEqualTo("text");
    }

    @Test
    void ifAllCopiesAreMissingAllAreNamed() {
        List<Path> missing = List.of(folder.resolve("one"), folder.resolve("two"));

        assertThatThrownBy(() -> FirstCopy.read(missing)).isInstanceOf(AllFailedException.class)
                .hasStackTraceContaining("one").hasStackTraceContaining("two");
    }
}

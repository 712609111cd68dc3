package com.example.threading.firstresponse;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.threading.firstresponse.OtherWaysTest.Promise;
import com.example.threading.firstresponse.OtherWaysTest.Way;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Holds this module's page to what its tests have found.
class PageTest {

    @Test
    void theTableOnThePageIsTheOneThatIsTested() throws IOException {
        List<String> page = Files.readAllLines(Path.of("README.md"));

        assertThat(page).containsSubsequence(table().toList());
    }

    @Test
    void theWayThatIsLeftOutOfTheTableHasTheCellsThatThePageSays() {
        assertThat(Way.IN_COMPLETION_ORDER.promises).isEqualTo(Way.COMPLETION_SERVICE.promises);
    }

    private static Stream<String> table() {
        Stream<String> rows = Arrays.stream(Promise.values()).map(promise -> row(promise.row,
                way -> way.promises.contains(promise) ? "yes" : "no"));
        return Stream.concat(Stream.of(row("", way -> way.column), row("---", _ -> "---")), rows);
    }

    private static String row(String head, Function<Way, String> cell) {
        // A table of more than five columns is too wide for the page.
        return Arrays.stream(Way.values()).filter(way -> way != Way.IN_COMPLETION_ORDER).map(cell)
                .collect(Collectors.joining(" | ", "| " + head + " | ", " |"));
    }
}

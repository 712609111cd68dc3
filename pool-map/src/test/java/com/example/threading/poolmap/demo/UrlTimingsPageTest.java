package com.example.threading.poolmap.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.threading.common.Makespan;
import com.example.threading.poolmap.demo.UrlTimings.Way;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Holds the output on the module's page to what [UrlTimings] prints, as far as that does not vary.
class UrlTimingsPageTest {

    @Test
    void theTableOfThePageIsTheOneThatIsPrinted() throws Exception {
        List<String> table = Stream.concat(Stream.of(UrlTimings.HEADER),
                UrlTimings.WAYS.stream().map(UrlTimingsPageTest::row))
                .map(UrlTimingsPageTest::withoutTimes).toList();

        assertThat(Files.readAllLines(Path.of("README.md")).stream()
                .map(UrlTimingsPageTest::withoutTimes))
                .containsSequence(table);
    }

    private static String row(Way way) {
        Duration ideal = Makespan.of(UrlTimings.LATENCIES, way.workers());
        return UrlTimings.row(way, ideal, ideal, ideal);
    }

    /// What differs from run to run is what stands before `x`, before `%`, and in the first column
    /// of times.
    private static String withoutTimes(String line) {
        return line.replaceAll(" +\\d+ ms +[\\d.]+x", " … ms …x").replaceAll(" +[\\d.]+%", " …%");
    }
}

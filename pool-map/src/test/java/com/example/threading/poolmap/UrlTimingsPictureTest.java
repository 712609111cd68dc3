package com.example.threading.poolmap;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.threading.common.Picture;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Keeps the picture of the page: what a pool of four did in a run of the example.
class UrlTimingsPictureTest {

    @Test
    void thePictureShowsWhatAPoolOfFourDoes() throws Exception {
        try (var client = UrlTimings.client();
                var nowhere = new PrintStream(OutputStream.nullOutputStream())) {
            List<UrlTimings.Run> runs = new UrlTimings(client, Duration.ofSeconds(10), nowhere,
                    false).compareWays();

            assertThat(runs.get(1).name).isEqualTo("pool of 4");
            Picture.check(Path.of("timeline.svg"), runs.get(1).timeline());
        }
    }
}

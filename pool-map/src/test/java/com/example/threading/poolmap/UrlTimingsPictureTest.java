package com.example.threading.poolmap;

import com.example.threading.common.FakeLatencyServer;
import com.example.threading.common.Picture;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// Keeps the picture of the page: what a pool of four does in a run of the example.
class UrlTimingsPictureTest {

    @Test
    void thePictureShowsWhatAPoolOfFourDoes() throws Exception {
        try (var server = new FakeLatencyServer();
                var client = UrlTimings.client();
                var nowhere = new PrintStream(OutputStream.nullOutputStream())) {
            var timings = new UrlTimings(client, Duration.ofSeconds(10), nowhere, false);
            timings.warmUp(server);

            UrlTimings.Run run = timings.pool("pool of 4", 4, new ThreadPool(4),
                    UrlTimings.serve(server, UrlTimings.LATENCIES));

            Picture.check(Path.of("timeline.svg"), run.timeline());
        }
    }
}

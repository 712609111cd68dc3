package com.example.threading.poolmap;

import com.example.threading.common.FakeLatencyServer;
import com.example.threading.common.Picture;
import com.example.threading.common.Timeline;
import com.example.threading.common.Timeline.Span;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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

            Picture.check(Path.of("timeline.svg"), withNumberedWorkers(run.timeline()));
        }
    }

    /// Which threads the pool has, and which of them comes first, differs from run to run.
    private static Timeline withNumberedWorkers(Timeline run) {
        List<String> threads = run.spans().stream().map(Span::lane).distinct().toList();
        return new Timeline(run.spans().stream()
                .map(span -> new Span("worker " + (threads.indexOf(span.lane()) + 1), span.label(),
                        span.start(), span.end(), span.cancelled()))
                .toList());
    }
}

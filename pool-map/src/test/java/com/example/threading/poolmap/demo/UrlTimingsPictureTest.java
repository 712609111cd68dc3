package com.example.threading.poolmap.demo;

import com.example.threading.common.FakeLatencyServer;
import com.example.threading.common.Picture;
import com.example.threading.common.Timeline;
import com.example.threading.common.Timeline.Span;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
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
            if (Picture.areWritten()) {
                timings.warmUp(server);
            }

            UrlTimings.Run run = timings.run(UrlTimings.POOL_OF_4,
                    UrlTimings.serve(server, UrlTimings.LATENCIES));

            Picture.check(Path.of("timeline.svg"), withNumberedWorkers(run.spans()));
        }
    }

    /// Which of the pool's threads begins first differs from run to run, so they are numbered in
    /// the order in which they begin.
    private static Timeline withNumberedWorkers(List<Span> run) {
        List<Span> spans = run.stream().sorted(Comparator.comparing(Span::start)).toList();
        List<String> threads = spans.stream().map(Span::lane).distinct().toList();
        return new Timeline(spans.stream()
                .map(span -> new Span("worker " + (threads.indexOf(span.lane()) + 1), span.label(),
                        span.start(), span.end(), span.cancelled()))
                .toList());
    }
}

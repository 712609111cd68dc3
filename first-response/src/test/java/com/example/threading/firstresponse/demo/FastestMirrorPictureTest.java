package com.example.threading.firstresponse.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.threading.common.FakeLatencyServer;
import com.example.threading.common.FakeLatencyServerExtension;
import com.example.threading.common.NoLeaks;
import com.example.threading.common.Picture;
import com.example.threading.common.Timeline;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Keeps the picture of the page: the race of the example, as its server saw it.
@ExtendWith({NoLeaks.class, FakeLatencyServerExtension.class})
class FastestMirrorPictureTest {

    @Test
    void thePictureShowsWhoAnsweredAndWhoWasAborted(FakeLatencyServer server) throws Exception {
        Path picture = Path.of("timeline.svg");
        try (var nowhere = new PrintStream(OutputStream.nullOutputStream())) {
            Timeline race = FastestMirrorTest.embeddedRace(server, nowhere);

            Picture.check(picture, race);
        }
        // The names of the lanes and the titles of the bars, from top to bottom.
        assertThat(Files.readString(picture)).containsSubsequence(
                ">/slow<", ">/failing<", ">/fast<", ">/silent<",
                ">aborted, ", ">answered, ", ">answered, ", ">aborted, ");
    }
}

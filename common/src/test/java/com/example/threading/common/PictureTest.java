package com.example.threading.common;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.threading.common.Timeline.Span;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

@DisabledIfSystemProperty(named = "pictures", matches = "write")
class PictureTest {
    private static final Span LOOP = span("caller", "a loop", 10, false);
    private static final Span HALF = span("thread 1", "a half", 5, false);
    private static final Span CANCELLED = span("thread 2", "a half", 5, true);

    @TempDir
    Path folder;

    @BeforeEach
    void keepAPicture() throws IOException {
        Files.writeString(picture(), new Timeline(List.of(LOOP, HALF, CANCELLED)).svg());
    }

    @Test
    void aRunThatDiffersInItsWidthsOnlyPasses() throws Exception {
        check(span("caller", "a loop", 12, false), span("thread 1", "a half", 7, false),
                span("thread 2", "a half", 4, true));
    }

    @Test
    void aRunWhoseBarsAreOnEachOthersLanesPasses() throws Exception {
        check(LOOP, span("thread 1", "a half", 5, true), span("thread 2", "a half", 5, false));
    }

    @Test
    void anotherLabelIsNoticed() {
        assertThatThrownBy(() -> check(LOOP, span("thread 1", "a third", 5, false), CANCELLED))
                .isInstanceOf(AssertionError.class).hasMessageContaining("a third");
    }

    @Test
    void anotherNameOfALaneIsNoticed() {
        assertThatThrownBy(() -> check(LOOP, span("thread 7", "a half", 5, false), CANCELLED))
                .isInstanceOf(AssertionError.class).hasMessageContaining("lane thread 7");
    }

    @Test
    void anotherOrderOfTheLanesIsNoticed() {
        assertThatThrownBy(() -> check(HALF, LOOP, CANCELLED)).isInstanceOf(AssertionError.class)
                .hasMessageContaining("[lane thread 1, lane caller, lane thread 2, ");
    }

    @Test
    void whatWasCancelledAndIsNotIsNoticed() {
        assertThatThrownBy(() -> check(LOOP, HALF, span("thread 2", "a half", 5, false)))
                .isInstanceOf(AssertionError.class).hasMessageContaining("a half cancelled");
    }

    @Test
    void aBarThatIsMissingIsNoticed() {
        assertThatThrownBy(() -> check(LOOP, HALF, CANCELLED, LOOP))
                .isInstanceOf(AssertionError.class).hasMessageContaining("a loop, a loop]");
    }

    private void check(Span... run) throws IOException {
        Picture.check(picture(), new Timeline(List.of(run)));
    }

    private Path picture() {
        return folder.resolve("picture.svg");
    }

    private static Span span(String lane, String label, long millis, boolean cancelled) {
        return new Span(lane, label, Duration.ZERO, Duration.ofMillis(millis), cancelled);
    }
}

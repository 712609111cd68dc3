package com.example.threading.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.threading.common.Exchange.Outcome;
import com.example.threading.common.Timeline.Span;
import java.io.StringReader;
import java.time.Duration;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class TimelineTest {
    private final Timeline run = new Timeline(List.of(span("worker 1", "/a", 1000, 1060, false),
            span("worker 1", "/c", 1060, 1100, false),
            span("worker 2", "/slow", 1010, 1090, true)));

    @Test
    void textHasARowForEachLaneAndABarForEachSpan() {
        assertThat(run.text(50)).isEqualTo("""
                worker 1 [/a=====================][/c============]
                worker 2     [/slow--------------------------x
                         |0 ms   |20 ms  |40 ms  |60 ms  |80 ms
                """);
    }

    @Test
    void linesKeepToTheWidth() {
        for (int width = 19; width < 120; width++) {
            assertThat(run.text(width).lines()).allMatch(line -> line.length() <= 120);
            int atMost = width;
            assertThat(run.text(width).lines()).allMatch(line -> line.length() <= atMost);
        }
        assertThatThrownBy(() -> run.text(18)).hasMessageContaining("19")
                .hasMessageContaining("18");
    }

    @Test
    void svgIsWellFormedWhateverTheLabels() throws Exception {
        String nasty = "<&>\"'\u0000%s";
        Document svg = parsed(new Timeline(List.of(span(nasty, nasty, 0, 900, false))).svg());

        assertThat(svg.getElementsByTagName("title").item(0).getTextContent())
                .isEqualTo("<&>\"'\uFFFD%s, 0 ms to 900 ms");
    }

    @Test
    void svgTellsCancelledSpansApart() throws Exception {
        Document svg = parsed(run.svg());

        assertThat(svg.getElementsByTagName("g").getLength()).isEqualTo(3);
        assertThat(run.svg()).contains("/slow, 10 ms to 90 ms, cancelled", "class=\"cancelled\"",
                "hatched: cancelled");
        assertThat(new Timeline(run.spans().subList(0, 2)).svg()).doesNotContain(
                "class=\"cancelled\"",
                "hatched: cancelled");
    }

    @Test
    void aLogIsDrawnWithALaneForEachConnection() {
        List<Exchange> log = List.of(exchange("/a", 1, 5, 25, Outcome.ANSWERED),
                exchange("/b", 2, 5, 15, Outcome.ABORTED),
                exchange("/c", 3, 6, null, Outcome.PENDING),
                exchange("/d", 4, 7, 7, Outcome.REFUSED));

        assertThat(Timeline.of(log).spans()).containsExactly(
                span("connection 1", "/a", 5, 25, false),
                span("connection 2", "/b", 5, 15, true), span("connection 3", "/c", 6, 25, false));
    }

    @Test
    void nothingIsAnEmptyPicture() throws Exception {
        var nothing = Timeline.of(List.of());

        assertThat(nothing.text(40)).isEqualTo(" |0 ms\n");
        parsed(nothing.svg());
    }

    @Test
    void aSpanThatEndsBeforeItStartsIsRefused() {
        assertThatThrownBy(() -> span("a", "b", 2, 1, false)).hasMessageContaining("PT0.002S")
                .hasMessageContaining("PT0.001S");
    }

    @Test
    void longRunsAreInSeconds() {
        assertThat(new Timeline(List.of(span("a", "b", 0, 14_400, false))).text(60))
                .isEqualTo("""
                        a [b=======================================================]
                          |0 s               |5 s                |10 s
                        """);
    }

    private static Span span(String lane, String label, long start, long end, boolean cancelled) {
        return new Span(lane, label, Duration.ofMillis(start), Duration.ofMillis(end), cancelled);
    }

    private static Exchange exchange(String route, int connection, long arrived,
            @Nullable Integer ended,
            Outcome outcome) {
        return new Exchange(route, 1, connection, Duration.ZERO, Duration.ofMillis(arrived),
                ended == null ? null : Duration.ofMillis(ended), outcome, "");
    }

    private static Document parsed(String xml) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder()
                .parse(new InputSource(new StringReader(xml)));
    }
}

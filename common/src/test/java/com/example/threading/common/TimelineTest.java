package com.example.threading.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.threading.common.Exchange.Outcome;
import com.example.threading.common.Timeline.Span;
import java.io.StringReader;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
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
    void whatIsTooNarrowForItsLabelIsCutOff() {
        var narrow = new Timeline(List.of(span("a", "/long-label", 0, 90, false),
                span("a", "x", 90, 90, false), span("b", "/\u00e4", 50, 1000, false),
                span("b", "later", 990, 1000, true)));

        assertThat(narrow.text(40)).isEqualTo("""
                a [/]]
                b   [/?================================x
                  |0 ms  |200 ms|400 ms |600 ms|800 ms
                """);
        assertThat(bodyOf(narrow)).contains("width=\"36.0\"", ">/l…</text>", ">/ä</text>",
                "x=\"60.0\" y=\"8\" width=\"1.0\"", "y=\"52\"></text>");
    }

    @Test
    void linesKeepToTheWidth() {
        for (int width = 19; width < 120; width++) {
            int atMost = width;
            assertThat(run.text(width).lines()).allMatch(line -> line.length() <= atMost);
        }
        assertThatThrownBy(() -> run.text(18)).hasMessageContaining("19")
                .hasMessageContaining("18");
    }

    @Test
    void svgHasARowForEachLaneAndABarForEachSpanToScale() {
        assertThat(run.svg()).startsWith("""
                <svg xmlns="http://www.w3.org/2000/svg" class="timeline" viewBox="0 0 512 114" \
                width="512" height="114" role="img" aria-label="timeline">
                """);
        assertThat(bodyOf(run)).isEqualTo("""
                <path class="grid" d="M80.0 4V64"/>\
                <text x="80.0" y="82" text-anchor="middle">0 ms</text>
                <path class="grid" d="M160.0 4V64"/>\
                <text x="160.0" y="82" text-anchor="middle">20 ms</text>
                <path class="grid" d="M240.0 4V64"/>\
                <text x="240.0" y="82" text-anchor="middle">40 ms</text>
                <path class="grid" d="M320.0 4V64"/>\
                <text x="320.0" y="82" text-anchor="middle">60 ms</text>
                <path class="grid" d="M400.0 4V64"/>\
                <text x="400.0" y="82" text-anchor="middle">80 ms</text>
                <path class="grid" d="M480.0 4V64"/>\
                <text x="480.0" y="82" text-anchor="middle">100 ms</text>
                <text x="8" y="24">worker 1</text>
                <text x="8" y="52">worker 2</text>
                <g><title>/a, 0 ms to 60 ms</title>\
                <rect class="done" x="80.0" y="8" width="240.0" height="22" rx="2"/>\
                <text x="84.0" y="24">/a</text></g>
                <g><title>/c, 60 ms to 100 ms</title>\
                <rect class="done" x="320.0" y="8" width="160.0" height="22" rx="2"/>\
                <text x="324.0" y="24">/c</text></g>
                <g><title>/slow, 10 ms to 90 ms, cancelled</title>\
                <rect class="cancelled" x="120.0" y="36" width="320.0" height="22" rx="2"/>\
                <text x="124.0" y="52">/slow</text></g>
                <text x="80" y="104">hatched: cancelled</text>
                </svg>
                """);
    }

    @Test
    void svgIsWellFormedWhateverTheLabels() throws Exception {
        String nasty = "<&>\"'\u0000%s";
        Document svg = parsed(new Timeline(List.of(span(nasty, nasty, 0, 900, false))).svg());

        assertThat(svg.getElementsByTagName("title").item(0).getTextContent())
                .isEqualTo("<&>\"'\uFFFD%s, 0 ms to 900 ms");
    }

    @Test
    void svgIsTheSameWhateverTheLocale() {
        String svg = run.svg();
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("ar-EG"));
        try {
            assertThat("%d".formatted(1)).as("a locale with digits of its own").isNotEqualTo("1");
            assertThat(run.svg()).isEqualTo(svg);
        } finally {
            Locale.setDefault(before);
        }
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
        assertThat(new Timeline(List.of(span("a", "b", 0, 10_000, false))).text(40))
                .contains("|0 s   |2 s   |4 s    |6 s   |8 s\n");
        assertThat(new Timeline(List.of(span("a", "b", 0, 9_999, false))).text(40))
                .contains("|0 ms  |2000 ms       |6000 ms\n");
    }

    /// What stands after the style.
    private static String bodyOf(Timeline timeline) {
        String paper = "<rect class=\"paper\" width=\"100%\" height=\"100%\" rx=\"6\"/>\n";
        String svg = timeline.svg();
        return svg.substring(svg.indexOf(paper) + paper.length());
    }

    private static Span span(String lane, String label, long start, long end, boolean cancelled) {
        return new Span(lane, label, Duration.ofMillis(start), Duration.ofMillis(end), cancelled);
    }

    private static Exchange exchange(String route, int connection, long arrived,
            @Nullable Integer ended,
            Outcome outcome) {
        return new Exchange(route, 1, connection, Duration.ZERO, Duration.ofMillis(arrived),
                ended == null ? null : Duration.ofMillis(ended), outcome, "", "",
                "");
    }

    private static Document parsed(String xml) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder()
                .parse(new InputSource(new StringReader(xml)));
    }
}

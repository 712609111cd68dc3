package com.example.threading.common;

import com.google.common.base.Strings;
import com.google.common.xml.XmlEscapers;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/// A picture of a run: a row for each lane, such as a thread or a connection, and on it a bar for
/// each span of time. Rows and bars keep the order in which they are given; where bars of one lane
/// overlap, the later one is drawn over the earlier. The same spans always give the same picture.
public final class Timeline {
    // In pixels.
    private static final int CHARACTER = 8;
    private static final int ROW = 28;
    // A wider picture shrinks on a phone until its text cannot be read.
    private static final int PLOT = 400;
    private static final String STYLE = """
            <style>
              .timeline { font: 13px ui-monospace, monospace; --paper: #fff; --ink: #1f2328;
                --grid: #d1d9e0; --done: #9ecbff; --cancelled: #ffd8b5; }
              @media (prefers-color-scheme: dark) { .timeline { --paper: #0d1117; --ink: #e6edf3;
                --grid: #3d444d; --done: #1f4f8f; --cancelled: #6b3d12; } }
              .timeline .paper { fill: var(--paper); } .timeline text { fill: var(--ink); }
              .timeline .grid { stroke: var(--grid); } .timeline .done { fill: var(--done);
                stroke: var(--paper); }
              .timeline .cancelled { fill: url(#hatching); stroke: var(--ink);
                stroke-dasharray: 4 3; }
              .timeline .hatch { fill: var(--cancelled); } .timeline .line { stroke: var(--ink); }
            </style>
            <pattern id="hatching" width="8" height="8" patternUnits="userSpaceOnUse">
              <rect class="hatch" width="8" height="8"/>
              <path class="line" d="M0 8 8 0" stroke-opacity=".3"/>
            </pattern>
            """;

    private final List<Span> spans;
    private final List<String> lanes;
    private final Duration origin;
    private final long length;

    /// A picture of these.
    ///
    /// @param spans what is drawn
    public Timeline(List<Span> spans) {
        this.spans = List.copyOf(spans);
        lanes = spans.stream().map(Span::lane).distinct().toList();
        origin = spans.stream().map(Span::start).min(Comparator.naturalOrder())
                .orElse(Duration.ZERO);
        length = spans.stream().mapToLong(span -> sinceOrigin(span.end)).max().orElse(0);
    }

    /// One bar.
    ///
    /// @param lane the row that it is on
    /// @param label what is written on it, as far as there is room
    /// @param start since any fixed moment: the picture begins with the earliest of all starts
    /// @param end since the same moment
    /// @param cancelled whether it was ended from outside before it was done
    public record Span(String lane, String label, Duration start, Duration end, boolean cancelled) {
        /// Refuses an end before the start.
        public Span {
            if (end.compareTo(start) < 0) {
                throw new IllegalArgumentException(
                        label + " on " + lane + " starts at " + start + ", but ends at " + end);
            }
        }
    }

    /// {@return a picture of a server's log: a lane for each connection, which serves one request
    /// at a time; refused requests, which take no time, are left out}
    ///
    /// A request that is still pending is drawn up to the last moment that the log knows of.
    ///
    /// @param log as a server or one of its routes tells it
    public static Timeline of(List<Exchange> log) {
        Duration last = log.stream().flatMap(e -> Stream.of(e.arrived(), endOr(e, e.arrived())))
                .max(Comparator.naturalOrder()).orElse(Duration.ZERO);
        return new Timeline(log.stream().filter(e -> e.outcome() != Exchange.Outcome.REFUSED)
                .map(e -> new Span("connection " + e.connection(), e.route(), e.arrived(),
                        endOr(e, last),
                        switch (e.outcome()) {
                            case ABORTED, CUT_OFF -> true;
                            case PENDING, ANSWERED, FAULTED, REFUSED -> false;
                        }))
                .toList());
    }

    /// {@return what is drawn}
    public List<Span> spans() {
        return spans;
    }

    private static Duration endOr(Exchange exchange, Duration otherwise) {
        Duration end = exchange.ended();
        return end == null ? otherwise : end;
    }

    /// {@return the picture for a terminal; what is not ASCII in a label is shown as `?`: a bar that
    /// was done looks like `[/a===]`, one that was cancelled like `[/a---x`}
    ///
    /// @param width how many columns a line may have
    /// @throws IllegalArgumentException if that leaves fewer than ten columns beside the lanes
    public String text(int width) {
        int margin = lanes.stream().mapToInt(String::length).max().orElse(0) + 1;
        int columns = width - margin;
        if (columns < 10) {
            throw new IllegalArgumentException(
                    "expected a width of " + (margin + 10) + " or more, but it is " + width);
        }
        var text = new StringBuilder();
        for (String lane : lanes) {
            char[] row = blank(columns);
            spans.stream().filter(span -> span.lane.equals(lane)).forEach(span -> draw(span, row));
            text.append(line(lane, margin, row));
        }
        char[] axis = blank(columns);
        int free = 0;
        for (long tick : ticks()) {
            String label = "|" + inUnits(tick);
            int column = (int) (fraction(tick) * (columns - 1));
            // Where there is no room for a label, it is left out.
            if (column >= free && column + label.length() <= columns) {
                label.getChars(0, label.length(), axis, column);
                free = column + label.length();
            }
        }
        return text.append(line("", margin, axis)).toString();
    }

    private void draw(Span span, char[] row) {
        int from = Math.min((int) Math.round(fraction(sinceOrigin(span.start)) * row.length),
                row.length - 1);
        int to = Math.max((int) Math.round(fraction(sinceOrigin(span.end)) * row.length), from + 1);
        Arrays.fill(row, from, to, span.cancelled ? '-' : '=');
        for (int i = 0; i < span.label.length() && from + 1 + i < to - 1; i++) {
            char c = span.label.charAt(i);
            row[from + 1 + i] = c >= ' ' && c <= '~' ? c : '?';
        }
        row[from] = '[';
        row[to - 1] = span.cancelled ? 'x' : ']';
    }

    private static char[] blank(int columns) {
        return " ".repeat(columns).toCharArray();
    }

    private static String line(String lane, int margin, char[] row) {
        return (Strings.padEnd(lane, margin, ' ') + new String(row)).stripTrailing() + "\n";
    }

    /// {@return the picture as a self-contained SVG image with a paper of its own, light or dark as
    /// the reader's settings ask; bars that were cancelled are hatched}
    public String svg() {
        int margin = lanes.stream().mapToInt(String::length).max().orElse(0) * CHARACTER
                + 2 * CHARACTER;
        int width = margin + PLOT + 4 * CHARACTER;
        int bottom = lanes.size() * ROW + 8;
        String ticks = Arrays.stream(ticks()).mapToObj(tick -> tick(tick, margin, bottom))
                .collect(Collectors.joining());
        String names = lanes.stream().map(lane -> String.format(Locale.ROOT, """
                <text x="%d" y="%d">%s</text>
                """, CHARACTER, lanes.indexOf(lane) * ROW + 24, escaped(lane)))
                .collect(Collectors.joining());
        String bars = spans.stream()
                .map(span -> bar(span, margin, lanes.indexOf(span.lane) * ROW + 8))
                .collect(Collectors.joining());
        String legend = spans.stream().anyMatch(Span::cancelled) ? String.format(Locale.ROOT, """
                <text x="%d" y="%d">hatched: cancelled</text>
                """, margin, bottom + 40) : "";
        int height = bottom + (legend.isEmpty() ? 28 : 50);
        return String.format(Locale.ROOT, """
                <svg xmlns="http://www.w3.org/2000/svg" class="timeline" viewBox="0 0 %d %d" \
                width="%d" height="%d" role="img" aria-label="timeline">
                %s<rect class="paper" width="100%%" height="100%%" rx="6"/>
                %s%s%s%s</svg>
                """, width, height, width, height, STYLE, ticks, names, bars, legend);
    }

    private String tick(long tick, int margin, int bottom) {
        double x = margin + fraction(tick) * PLOT;
        return String.format(Locale.ROOT,
                """
                        <path class="grid" d="M%1$.1f 4V%2$d"/>\
                        <text x="%1$.1f" y="%3$d" text-anchor="middle">%4$s</text>
                        """,
                x, bottom, bottom + 18, inUnits(tick));
    }

    private String bar(Span span, int margin, int y) {
        long start = sinceOrigin(span.start);
        long end = sinceOrigin(span.end);
        double x = margin + fraction(start) * PLOT;
        double width = Math.max((fraction(end) - fraction(start)) * PLOT, 1);
        return String.format(Locale.ROOT,
                """
                        <g><title>%s, %s to %s%s</title>\
                        <rect class="%s" x="%.1f" y="%d" width="%.1f" height="22" rx="2"/>\
                        <text x="%.1f" y="%d">%s</text></g>
                        """,
                escaped(span.label), inUnits(start), inUnits(end),
                span.cancelled ? ", cancelled" : "",
                span.cancelled ? "cancelled" : "done", x, y, width, x + 4, y + 16,
                escaped(shortened(span.label, (int) (width - CHARACTER) / CHARACTER)));
    }

    private static String shortened(String label, int room) {
        if (label.length() <= room) {
            return label;
        }
        return room < 2 ? "" : label.substring(0, room - 1) + "…";
    }

    private static String escaped(String text) {
        return XmlEscapers.xmlAttributeEscaper().escape(text);
    }

    private long sinceOrigin(Duration moment) {
        return moment.minus(origin).toNanos();
    }

    private double fraction(long nanos) {
        return (double) nanos / Math.max(length, 1);
    }

    /// Every 1, 2 or 5 times a power of ten nanoseconds, so that there are at most seven.
    private long[] ticks() {
        long step = LongStream.iterate(1, power -> power * 10)
                .flatMap(power -> LongStream.of(power, 2 * power, 5 * power))
                .filter(candidate -> length / candidate <= 6).findFirst().orElseThrow();
        return LongStream.rangeClosed(0, length / step).map(i -> i * step).toArray();
    }

    private String inUnits(long nanos) {
        boolean seconds = length >= 10_000_000_000L;
        return BigDecimal.valueOf(nanos, seconds ? 9 : 6)
                .setScale(seconds ? 3 : 1, RoundingMode.HALF_UP)
                .stripTrailingZeros().toPlainString() + (seconds ? " s" : " ms");
    }
}

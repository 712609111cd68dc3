package com.example.threading.common;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A timeline that is kept as a file beside the page that shows it. A test draws the run anew and
/// asks whether the file still tells the same: which lanes there are, in their order, which bars,
/// and which of them were cancelled; not on which lane a bar is, since that may differ from run to
/// run. Widths differ from run to run too, and do not matter.
public final class Picture {
    private static final Pattern LANE = Pattern.compile("<text x=\"8\" y=\"\\d+\">(.*)</text>");
    private static final Pattern BAR = Pattern
            .compile("<title>(.*), .* to .*?(, cancelled)?</title>");

    private Picture() {}

    /// Compares a file with a run, or writes the file when the system property `pictures` is
    /// `write`.
    ///
    /// @param file an SVG image
    /// @param run what it should show
    /// @throws AssertionError if it shows something else
    /// @throws IOException if the file cannot be read or written
    public static void check(Path file, Timeline run) throws IOException {
        if (areWritten()) {
            Files.writeString(file, run.svg());
        }
        List<String> shown = story(Files.readString(file));
        List<String> happened = story(run.svg());
        if (!shown.equals(happened)) {
            throw new AssertionError(file + " shows " + shown + ", but the run was " + happened
                    + "; if that is meant, write the picture anew with -Dpictures=write");
        }
    }

    /// {@return whether files are written, and not only compared: a run that is written should look
    /// good}
    public static boolean areWritten() {
        return "write".equals(System.getProperty("pictures"));
    }

    private static List<String> story(String svg) {
        return Stream.concat(
                LANE.matcher(svg).results().map(lane -> "lane " + lane.group(1)),
                BAR.matcher(svg).results().map(Picture::bar).sorted()).toList();
    }

    private static String bar(MatchResult title) {
        return title.group(1) + (title.group(2) == null ? "" : " cancelled");
    }
}

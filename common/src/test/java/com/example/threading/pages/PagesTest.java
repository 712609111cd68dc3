package com.example.threading.pages;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// Keeps the pages true: what they show is in a source file, and what they name is there.
///
/// A listing of Java stands below a line that says where it comes from,
/// `<!-- source: pool-map/src/test/java/…/File.java#name -->`, and repeats what that file has
/// between `// tag::name[]` and `// end::name[]`, indentation aside.
@ParameterizedClass
@MethodSource("pages")
class PagesTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final int WIDTH = 68;

    private static final Pattern JAVA = Pattern.compile(
            "(?m)^(?:<!-- source: (\\S+)#(\\S+) -->\\R)?```java\\R(?s:(.*?))^```$");
    private static final Pattern COMMAND = Pattern.compile("mvn [^`\\n]*");
    private static final Pattern LINK = Pattern.compile("\\[([^\\]]*)]\\(([^)\\s]+)\\)");
    private static final Pattern REFERENCE = Pattern.compile("(?m)^\\[[^\\]]+]: (\\S+)$");
    /// Four words or more: the name of a test.
    private static final Pattern CLAIM = Pattern.compile("`([a-z]+(?:[A-Z][a-z]*){3,})`");
    private static final Pattern MODULE = Pattern.compile("-pl (\\S+)");
    private static final Pattern TEST = Pattern.compile("-Dtest=(\\w+)");
    private static final Pattern EXECUTION = Pattern.compile("exec:exec@(\\w+)");
    private static final Pattern PROFILES = Pattern.compile("-P(\\S+)");
    private static final Pattern ARTIFACT = Pattern.compile(
            "<artifactId>(.*)</artifactId>\\s*<version>([^$].*)</version>");
    private static final Pattern MEMBER = Pattern.compile("`(?:\\w+[.#])?(\\w+)(?:\\(\\))?`");

    private final Path page;
    private final String text;

    PagesTest(Path page) throws IOException {
        this.page = ROOT.resolve(page);
        this.text = Files.readString(this.page);
    }

    static List<Path> pages() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT, 3)) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .map(ROOT::relativize).sorted().toList();
        }
    }

    @Test
    void everyJavaListingIsCompiledSource() throws IOException {
        for (MatchResult listing : all(JAVA, text)) {
            assertThat(listing.group(1)).as("no source is named above\n" + listing.group(3))
                    .isNotNull();
            String source = region(ROOT.resolve(listing.group(1)), listing.group(2));
            assertThat(listing.group(3))
                    .as("%s should show, from %s:%n%s", page, listing.group(1), source)
                    .isEqualTo(source);
        }
    }

    @Test
    void noListingIsWiderThanAPage() {
        for (MatchResult listing : all(JAVA, text)) {
            assertThat(listing.group(3).lines()).allSatisfy(
                    line -> assertThat(line.length()).as(line).isLessThanOrEqualTo(WIDTH));
        }
    }

    @Test
    void everyRelativeLinkLeadsToAFileThatHasWhatTheLinkNames() throws IOException {
        for (MatchResult link : all(LINK, withoutListings())) {
            String target = link.group(2);
            if (target.startsWith("http://") || target.startsWith("https://")) {
                continue;
            }
            String[] parts = target.split("#", 2);
            Path file = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]);
            assertThat(file).as("the link " + link.group()).exists();
            if (parts.length == 2) {
                assertThat(anchors(file)).as("the link " + link.group()).contains(parts[1]);
            }
            if (target.endsWith(".java")) {
                for (MatchResult member : all(MEMBER, link.group(1))) {
                    assertThat(Files.readString(file)).as("the link " + link.group())
                            .containsPattern("\\b" + member.group(1) + "\\b");
                }
            }
        }
    }

    @Test
    void everyReferenceLeadsToAFile() {
        for (MatchResult reference : all(REFERENCE, text)) {
            if (!reference.group(1).startsWith("https://")) {
                assertThat(page.resolveSibling(reference.group(1))).exists();
            }
        }
    }

    @Test
    void everyTestThatIsNamedExists() throws IOException {
        List<MatchResult> claims = all(CLAIM, withoutListings());
        if (claims.isEmpty()) {
            return;
        }
        String sources = sources(page.resolveSibling("src"));
        for (MatchResult claim : claims) {
            assertThat(sources).as("the sources beside " + page)
                    .containsPattern("\\b" + claim.group(1) + "\\(");
        }
    }

    @Test
    void everyCommandNamesModulesProfilesAndExecutionsThatExist() throws IOException {
        String root = Files.readString(ROOT.resolve("pom.xml"));
        String poms = root;
        for (MatchResult module : all(Pattern.compile("<module>(.*)</module>"), root)) {
            poms += Files.readString(ROOT.resolve(module.group(1)).resolve("pom.xml"));
        }
        for (MatchResult command : all(COMMAND, text)) {
            for (MatchResult module : all(MODULE, command.group())) {
                assertThat(root).as(command.group())
                        .contains("<module>" + module.group(1) + "</module>");
            }
            for (MatchResult execution : all(EXECUTION, command.group())) {
                assertThat(poms).as(command.group())
                        .contains("<id>" + execution.group(1) + "</id>");
            }
            for (MatchResult profiles : all(PROFILES, command.group())) {
                for (MatchResult profile : all(Pattern.compile("[^,]+"), profiles.group(1))) {
                    assertThat(root).as(command.group())
                            .containsPattern("<profile>\\s*<id>" + profile.group() + "</id>");
                }
            }
        }
    }

    @Test
    void everyTestThatACommandRunsExists() throws IOException {
        for (MatchResult command : all(COMMAND, text)) {
            for (MatchResult test : all(TEST, command.group())) {
                assertThat(files(page.resolveSibling("src/test"))).extracting(Path::getFileName)
                        .as(command.group()).contains(Path.of(test.group(1) + ".java"));
            }
        }
    }

    @Test
    void everyVersionOfADependencyOrPluginIsTheBuilds() throws IOException {
        String root = Files.readString(ROOT.resolve("pom.xml"));
        for (MatchResult artifact : all(ARTIFACT, text)) {
            assertThat(root).as(artifact.group()).containsPattern(
                    "<(\\S+)>" + Pattern.quote(artifact.group(2)) + "</\\1>[\\s\\S]*<artifactId>"
                            + artifact.group(1) + "</artifactId>\\s*<version>\\$\\{\\1}");
        }
    }

    @Test
    void noPageRepeatsTheProjectsVersion() throws IOException {
        String build = Files.readString(ROOT.resolve("pom.xml"));
        String version = all(Pattern.compile("<version>([^<]+)</version>"), build).getFirst()
                .group(1);

        assertThat(text).doesNotContain(version).doesNotContain("TODO");
    }

    private static String sources(Path folder) throws IOException {
        var sources = new StringBuilder();
        for (Path file : files(folder)) {
            if (file.toString().endsWith(".java")) {
                sources.append(Files.readString(file));
            }
        }
        return sources.toString();
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.toList();
        }
    }

    private static String region(Path file, String name) throws IOException {
        List<String> lines = Files.readAllLines(file);
        int from = indexOf(lines, "// tag::" + name + "[]", file);
        int to = indexOf(lines, "// end::" + name + "[]", file);
        return lines.subList(from + 1, to).stream().collect(joining("\n")).stripIndent() + "\n";
    }

    private static int indexOf(List<String> lines, String mark, Path file) {
        List<String> stripped = lines.stream().map(String::strip).toList();
        assertThat(stripped).as("%s has one line %s", file, mark).containsOnlyOnce(mark);
        return stripped.indexOf(mark);
    }

    /// The anchors that a Markdown page has for its headings.
    private static List<String> anchors(Path page) throws IOException {
        var anchors = new ArrayList<String>();
        for (MatchResult heading : all(Pattern.compile("(?m)^#+ (.*)$"), Files.readString(page))) {
            anchors.add(heading.group(1).toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\w\\- ]", "").replace(' ', '-'));
        }
        return anchors;
    }

    private String withoutListings() {
        return text.replaceAll("(?ms)^```.*?^```$", "");
    }

    private static List<MatchResult> all(Pattern pattern, String text) {
        return pattern.matcher(text).results().toList();
    }
}

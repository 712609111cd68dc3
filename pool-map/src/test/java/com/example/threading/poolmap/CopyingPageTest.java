package com.example.threading.poolmap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Does what the page tells those who copy: puts the files into an empty project whose POM has the
/// page's fragment, and compiles it by a Maven of its own.
class CopyingPageTest {

    private static final Path SOURCES = Path.of("src/main/java/com/example/threading/poolmap");
    private static final int CLASS_FILE_OF_JAVA_21 = 65;

    @Test
    @Timeout(600) // the first time, Maven may have to download its plugins
    void theCopiedFilesCompileByThePagesFragmentAlone(@TempDir Path project) throws Exception {
        Files.writeString(project.resolve("pom.xml"), """
                <project xmlns="http://maven.apache.org/POM/4.0.0">
                  <modelVersion>4.0.0</modelVersion>
                  <groupId>org.example</groupId>
                  <artifactId>copied</artifactId>
                  <version>1</version>
                %s</project>
                """.formatted(fragment()));
        Path copies = Files.createDirectories(
                project.resolve("src/main/java/com/example/threading/poolmap"));
        for (Path file : copied()) {
            Files.copy(file, copies.resolve(file.getFileName()));
        }

        run(project, maven(), "-B", "-q", "-Dmaven.repo.local=" + localRepository(), "compile");

        Path classes = project.resolve("target/classes/com/example/threading/poolmap");
        for (Path file : copied()) {
            String name = file.getFileName().toString().replace(".java", ".class");
            assertThat(release(classes.resolve(name))).as(name).isEqualTo(CLASS_FILE_OF_JAVA_21);
        }
    }

    @Test
    void theFragmentHasTheVersionsOfTheBuild() throws Exception {
        String build = Files.readString(Path.of("../pom.xml"));
        List<String> versions = Pattern.compile("<version>([\\w.-]+)</version>")
                .matcher(fragment()).results().map(match -> match.group(1)).toList();

        assertThat(versions).hasSize(4).allSatisfy(
                version -> assertThat(build).contains(">" + version + "<"));
    }

    @Test
    void thePageNamesEveryFileThatIsCopied() throws Exception {
        String page = Files.readString(Path.of("README.md"));

        assertThat(copied()).allSatisfy(file -> assertThat(page).contains("(" + file + ")"));
    }

    private static String fragment() throws IOException {
        List<MatchResult> fragments = Pattern.compile("(?ms)^```xml\\R(.*?)^```$")
                .matcher(Files.readString(Path.of("README.md"))).results().toList();
        assertThat(fragments).as("the fragments of a POM on the page").hasSize(1);
        return fragments.getFirst().group(1);
    }

    private static List<Path> copied() throws IOException {
        try (Stream<Path> files = Files.list(SOURCES)) {
            return files.filter(file -> file.toString().endsWith(".java")
                    && !file.endsWith("package-info.java")).sorted().toList();
        }
    }

    private static void run(Path folder, String... command)
            throws IOException, InterruptedException {
        var builder = new ProcessBuilder(command).directory(folder.toFile())
                .redirectErrorStream(true);
        builder.environment().put("MAVEN_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
        // This JVM is the newest one, chosen by the build. A reader's Maven may run on an older one.
        String java = System.getProperty("maven.java.home");
        if (java != null) {
            builder.environment().put("JAVA_HOME", java);
        }
        Process process = builder.start();
        process.getOutputStream().close();
        var output = new ByteArrayOutputStream();
        process.getInputStream().transferTo(output);
        assertThat(process.waitFor()).as(output.toString(StandardCharsets.UTF_8)).isZero();
    }

    /// The Maven that runs this test or, in an IDE, the one on the path.
    private static String maven() {
        String home = System.getProperty("maven.home");
        String mvn = System.getProperty("os.name").startsWith("Windows") ? "mvn.cmd" : "mvn";
        return home == null ? mvn : Path.of(home, "bin", mvn).toString();
    }

    /// The repository that Maven uses here: its plugin for tests says which.
    private static String localRepository() {
        return System.getProperty("localRepository",
                Path.of(System.getProperty("user.home"), ".m2", "repository").toString());
    }

    private static int release(Path classFile) throws IOException {
        try (var in = new DataInputStream(Files.newInputStream(classFile))) {
            in.readInt(); // the magic number
            in.readUnsignedShort(); // the minor version
            return in.readUnsignedShort();
        }
    }
}

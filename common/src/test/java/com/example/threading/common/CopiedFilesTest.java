package com.example.threading.common;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The page's list of files to copy is complete.
class CopiedFilesTest {
    private static final Path SOURCES = Path.of("src/main/java/com/example/threading/common");

    @Test
    void theFilesThatThePageListsCompileByThemselves(@TempDir Path folder) throws Exception {
        String page = Files.readString(Path.of("README.md"));
        int list = page.indexOf("Or copy the files.");
        List<Path> files = Pattern.compile("\\w+\\.java")
                .matcher(page.substring(list, page.indexOf("## Promises"))).results()
                .map(MatchResult::group).map(SOURCES::resolve).toList();
        assertThat(files).hasSizeGreaterThan(10);
        var complaints = new DiagnosticCollector<JavaFileObject>();
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (var manager = compiler.getStandardFileManager(null, null, null)) {
            // Nothing is found on a source path that has nothing, nor among this module's classes.
            List<String> options = List.of("-proc:none", "-d", folder.toString(), "-sourcepath",
                    folder.toString(), "-classpath", libraries());

            compiler.getTask(null, manager, complaints, options, null,
                    manager.getJavaFileObjectsFromPaths(files)).call();
        }
        assertThat(complaints.getDiagnostics())
                .noneMatch(complaint -> complaint.getKind().name().equals("ERROR"));
        assertThat(folder.resolve("com/example/threading/common/FakeLatencyServer.class")).exists();
    }

    private static String libraries() {
        return Pattern.compile(File.pathSeparator)
                .splitAsStream(System.getProperty("java.class.path"))
                .filter(entry -> entry.endsWith(".jar"))
                .collect(joining(File.pathSeparator));
    }
}

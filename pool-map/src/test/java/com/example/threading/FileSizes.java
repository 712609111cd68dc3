package com.example.threading;

import com.example.threading.poolmap.ThreadPool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Measures files, four at a time. A project from the archetype starts with this class.
final class FileSizes {

    private FileSizes() {}

    // tag::use[]
    static List<Long> sizes(List<Path> files)
            throws IOException, InterruptedException {
        try (var pool = new ThreadPool(4)) {
            return pool.map(Files::size, files);
        }
    }
    // end::use[]

    /// Prints the sizes of the files that are named, in bytes; without an argument, that of the
    /// project's POM.
    public static void main(String... args) throws InterruptedException {
        List<Path> files = Stream.of(args.length == 0 ? new String[]{"pom.xml"} : args)
                .map(Path::of).toList();
        try {
            System.out.println(sizes(files));
        } catch (IOException e) {
            System.err.println(e);
            System.exit(1);
        }
    }
}

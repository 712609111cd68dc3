package com.example.threading;

import com.example.threading.firstresponse.FirstResponse;
import com.example.threading.firstresponse.FirstResponse.AllFailedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/// Reads whichever of several copies of a file can be read first. A project from the archetype
/// starts with this class.
final class FirstCopy {

    private FirstCopy() {}

    // tag::use[]
    static String read(List<Path> copies)
            throws AllFailedException, InterruptedException, TimeoutException {
        List<Callable<String>> readers = copies.stream()
                .<Callable<String>>map(copy -> () -> Files.readString(copy))
                .toList();
        return FirstResponse.of(readers).get();
    }
    // end::use[]

    /// Prints the first line of the copy that could be read first; without an argument, that of the
    /// project's POM.
    public static void main(String... args) throws InterruptedException {
        List<Path> copies = Stream.of(args.length == 0 ? new String[]{"pom.xml"} : args)
                .map(Path::of).toList();
        try {
            System.out.println(read(copies).lines().findFirst().orElse(""));
        } catch (AllFailedException | TimeoutException e) {
            System.err.println(e);
            System.exit(1);
        }
    }
}

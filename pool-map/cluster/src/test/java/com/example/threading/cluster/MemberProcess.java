package com.example.threading.cluster;

import static java.util.Objects.requireNonNull;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A [Member] in a JVM of its own. It ends when it is closed, and also if the JVM of the tests
/// dies.
final class MemberProcess implements AutoCloseable {

    private final Process process;
    private final BufferedReader output;
    private @Nullable String address;

    private MemberProcess(Process process) {
        this.process = process;
        this.output = process.inputReader();
    }

    /// What runs in the process.
    static final class Main {
        private Main() {}

        public static void main(String[] args) {
            Thread.ofPlatform().daemon().name("end with the parent").start(() -> {
                try {
                    // The parent writes nothing: this returns when the pipe is closed.
                    System.in.read();
                } catch (IOException e) {
                    // The pipe is broken: the same.
                }
                Runtime.getRuntime().halt(0);
            });
            Member.main(args);
        }
    }

    /// Starts one, and does not wait until it has joined.
    static MemberProcess start(String... args) throws IOException {
        var command = new ArrayList<String>();
        command.add(
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
        // What opens the JDK to Hazelcast.
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("--")).forEach(command::add);
        command.addAll(List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                "-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of(args));
        return new MemberProcess(new ProcessBuilder(command).redirectErrorStream(true).start());
    }

    /// Waits until it has joined, and returns its address.
    String address() throws IOException {
        var lines = new ArrayList<String>();
        while (address == null) {
            String line = output.readLine();
            if (line == null) {
                throw new AssertionError("the member has ended; it printed " + lines);
            }
            lines.add(line);
            if (line.startsWith("member with ")) {
                address = line.substring(line.lastIndexOf(' ') + 1);
            }
        }
        return requireNonNull(address);
    }

    /// As `kill -9` does.
    void kill() {
        process.destroyForcibly();
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}

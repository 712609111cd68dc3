package com.example.threading.common;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.TestInstanceFactoryContext;
import org.junit.jupiter.api.extension.TestInstancePreConstructCallback;

/// Fails a test that leaves a thread behind; the message names it. What has been told to end is given
/// two seconds to do so.
///
/// Register it with `@ExtendWith(NoLeaks.class)`. It looks once everything that JUnit closes after
/// the test is closed.
///
/// - Threads are those that were created since just before the test's instance was. Tests that run
///   at the same time would be blamed for each other's threads, and so would the first test that
///   uses a client or a pool shared with later ones: make that in `@BeforeAll`, and give it its
///   threads there.
/// - Virtual threads are taken from the JVM's thread dump, which knows all of them unless the
///   system property `jdk.trackAllThreads` is false; then it knows those of executors only.
/// - Not counted are the JVM's own threads, among them the carriers of virtual threads, the common
///   pool's, and JUnit's watcher of time-outs.
public final class NoLeaks implements TestInstancePreConstructCallback {
    private static final Namespace NAMESPACE = Namespace.create(NoLeaks.class);
    private static final Duration GRACE = Duration.ofSeconds(2);
    private static final Duration PAUSE = Duration.ofMillis(10);
    private static final Pattern VIRTUAL_THREAD = Pattern.compile("#(\\d+) \"(.*)\" virtual .*");

    private final Duration grace;

    /// For JUnit to call.
    public NoLeaks() {
        this(GRACE);
    }

    NoLeaks(Duration grace) {
        this.grace = grace;
    }

    @Override
    public ExtensionContextScope getTestInstantiationExtensionContextScope(ExtensionContext root) {
        return ExtensionContextScope.TEST_METHOD;
    }

    @Override
    public void preConstructTestInstance(TestInstanceFactoryContext factory,
            ExtensionContext context) {
        // Ids ascend over threads of both kinds: a thread made now tells the old from the new.
        long newestId = Thread.ofVirtual().unstarted(() -> {}).threadId();
        ThreadGroup group = Thread.currentThread().getThreadGroup();
        context.getStore(NAMESPACE).put(NoLeaks.class, this);
        // A store closes in reverse order: what is put there first is closed last of all.
        lookFor("threads", () -> threadsSince(newestId, group), context);
    }

    /// For an extension that gives the test something which can be left open: if the test is under
    /// this check, it fails unless nothing is left when JUnit closes what the test was given. That
    /// happens in reverse order, so ask for it after what would hide the leak is in the store.
    static void alsoLookFor(String what, Supplier<List<String>> left, ExtensionContext context) {
        NoLeaks check = context.getStore(NAMESPACE).get(NoLeaks.class, NoLeaks.class);
        if (check != null) {
            check.lookFor(what, left, context);
        }
    }

    private void lookFor(String what, Supplier<List<String>> left, ExtensionContext context) {
        context.getStore(NAMESPACE).put(what, (AutoCloseable) () -> requireNothingLeft(what, left));
    }

    private void requireNothingLeft(String what, Supplier<List<String>> left)
            throws InterruptedException {
        long start = System.nanoTime();
        List<String> found = left.get();
        // A virtual thread that was found in a dump can only be looked for again.
        while (!found.isEmpty() && System.nanoTime() - start < grace.toNanos()) {
            Thread.sleep(PAUSE);
            found = left.get();
        }
        if (!found.isEmpty()) {
            throw new AssertionError(
                    "the test left " + what + " behind: " + String.join(", ", found));
        }
    }

    private static List<String> threadsSince(long newestId, ThreadGroup group) {
        var names = new ArrayList<String>();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            ThreadGroup itsGroup = thread.getThreadGroup();
            if (thread.threadId() > newestId && itsGroup != null && group.parentOf(itsGroup)
                    && !thread.getName().startsWith("ForkJoinPool.commonPool-")
                    && !thread.getName().startsWith("junit-jupiter-timeout-watcher")) {
                names.add("\"" + thread.getName() + "\"");
            }
        }
        virtualThreadsSince(newestId).forEach(names::add);
        return names;
    }

    private static List<String> virtualThreadsSince(long newestId) {
        try {
            Path folder = Files.createTempDirectory("threads");
            Path dump = folder.resolve("dump");
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).dumpThreads(
                    dump.toString(),
                    ThreadDumpFormat.TEXT_PLAIN);
            try (Stream<String> lines = Files.lines(dump)) {
                return lines.map(VIRTUAL_THREAD::matcher)
                        .filter(line -> line.matches() && Long.parseLong(line.group(1)) > newestId)
                        .map(line -> "virtual #" + line.group(1) + " \"" + line.group(2) + "\"")
                        .toList();
            } finally {
                Files.delete(dump);
                Files.delete(folder);
            }
        } catch (IOException cause) {
            throw new UncheckedIOException("no thread dump", cause);
        }
    }
}

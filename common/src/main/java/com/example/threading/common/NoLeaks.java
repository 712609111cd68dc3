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
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.TestInstanceFactoryContext;
import org.junit.jupiter.api.extension.TestInstancePreConstructCallback;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.platform.commons.support.AnnotationSupport;

/// Fails a test that leaves a thread behind; the message names it. What has been told to end is given
/// two seconds to do so.
///
/// Register it with `@ExtendWith(NoLeaks.class)`. It looks once everything that JUnit closes after
/// the test is closed.
///
/// - It counts the threads that were created since just before the test's instance was. The first
///   test that uses a client or a pool which later tests share would be blamed for its threads: make
///   that in `@BeforeAll`, and give it its threads there.
/// - A class with the lifecycle `PER_CLASS` has one instance for all of its tests. The check is then
///   made once, after the last of them, and it is the class that fails.
/// - Where tests run in parallel, it cannot tell the threads of one test from those of another. It
///   then refuses every test whose class is not annotated with `@Isolated`.
/// - It takes virtual threads from the JVM's thread dump, which knows all of them unless the system
///   property `jdk.trackAllThreads` is false; then it knows those of executors only.
/// - It does not count the JVM's own threads, such as the carriers of virtual threads, those of the
///   common pool, and JUnit's own.
public final class NoLeaks implements TestInstancePreConstructCallback {
    private static final Namespace NAMESPACE = Namespace.create(NoLeaks.class);
    private static final Duration GRACE = Duration.ofSeconds(2);
    private static final Duration PAUSE = Duration.ofMillis(10);
    private static final Path TEMPORARY_FILES = Path.of(System.getProperty("java.io.tmpdir"))
            .toAbsolutePath();
    /// Of a thread dump in JSON, where a name has no line feed and no quote that is not escaped.
    private static final Pattern VIRTUAL_THREAD = Pattern.compile(
            "\"tid\": \"?(\\d+)\"?,\\s+\"time\": \"[^\"]*\",\\s+\"virtual\": true,"
                    + "\\s+\"name\": (\"(?:[^\"\\\\]|\\\\.)*\")");

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
        requireNothingBeside(context);
        Store store = context.getStore(NAMESPACE);
        String check = "threads of " + context.getUniqueId();
        // A nested test has an outer instance too, which was made first: its check covers both.
        if (store.get(check) == null) {
            // Ids ascend over threads of both kinds: a thread made now tells the old from the new.
            long newestId = Thread.ofVirtual().unstarted(() -> {}).threadId();
            ThreadGroup group = Thread.currentThread().getThreadGroup();
            store.put(NoLeaks.class, this);
            // A store closes in reverse order: what is put there first is closed last of all.
            lookFor("threads", check, () -> threadsSince(newestId, group), context);
        }
    }

    private static void requireNothingBeside(ExtensionContext context) {
        boolean parallel = context
                .getConfigurationParameter("junit.jupiter.execution.parallel.enabled")
                .map(Boolean::parseBoolean).orElse(false);
        boolean isolated = Stream.<Class<?>>iterate(context.getRequiredTestClass(),
                Objects::nonNull, Class::getEnclosingClass)
                .anyMatch(type -> AnnotationSupport.isAnnotated(type, Isolated.class));
        if (parallel && !isolated) {
            throw new ExtensionConfigurationException("NoLeaks cannot tell the threads of this test"
                    + " from those of tests that run beside it: annotate "
                    + context.getRequiredTestClass().getName()
                    + " with @Isolated, so that nothing does");
        }
    }

    /// For an extension that gives the test something which can be left open: if the test is under
    /// this check, it fails unless nothing is left when JUnit closes what the test was given. That
    /// happens in reverse order, so ask for it after what would hide the leak is in the store.
    static void alsoLookFor(String what, Supplier<List<String>> left, ExtensionContext context) {
        NoLeaks check = context.getStore(NAMESPACE).get(NoLeaks.class, NoLeaks.class);
        if (check != null) {
            check.lookFor(what, what, left, context);
        }
    }

    private void lookFor(String what, String key, Supplier<List<String>> left,
            ExtensionContext context) {
        context.getStore(NAMESPACE).put(key, (AutoCloseable) () -> requireNothingLeft(what, left));
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

    static List<String> threadsSince(long newestId, ThreadGroup group) {
        // These first, since a dump takes a moment: in it, the thread ends in which JUnit has run a
        // test with a time limit.
        var names = new ArrayList<>(virtualThreadsSince(newestId));
        for (Thread thread : threadsOf(group)) {
            if (thread.threadId() > newestId
                    && !thread.getName().startsWith("ForkJoinPool.commonPool-")
                    && !thread.getName().startsWith("junit-jupiter-timeout-watcher")
                    // Its workers, when tests run in parallel: their names could be a user's.
                    && !thread.getClass().getName().startsWith("org.junit.")) {
                names.add("\"" + thread.getName() + "\"");
            }
        }
        return names;
    }

    /// The platform threads of the group and of those below it. Unlike
    /// [Thread#getAllStackTraces()], it does not stop the JVM, which matters after every test.
    private static List<Thread> threadsOf(ThreadGroup group) {
        Thread[] threads;
        int count;
        do {
            // What does not fit is left out without a word: one place has to remain empty.
            threads = new Thread[2 * group.activeCount() + 10];
            count = group.enumerate(threads);
        } while (count == threads.length);
        return Arrays.asList(threads).subList(0, count);
    }

    private static List<String> virtualThreadsSince(long newestId) {
        Path dump = TEMPORARY_FILES.resolve("threads-" + UUID.randomUUID());
        try {
            try {
                ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                        .dumpThreads(dump.toString(), ThreadDumpFormat.JSON);
                return VIRTUAL_THREAD.matcher(Files.readString(dump)).results()
                        .filter(thread -> Long.parseLong(thread.group(1)) > newestId)
                        .map(thread -> "virtual #" + thread.group(1) + " " + thread.group(2))
                        .toList();
            } finally {
                Files.deleteIfExists(dump);
            }
        } catch (IOException cause) {
            throw new UncheckedIOException("no thread dump", cause);
        }
    }
}

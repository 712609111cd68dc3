package com.example.threading.firstresponse;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/// Makes virtual threads and remembers them, with what they failed to catch. Closing it shows that
/// they have all ended, and that a test has asked for every uncaught failure.
final class RecordingThreads implements ThreadFactory, AutoCloseable {

    private static final Duration LONG = Duration.ofSeconds(20);

    private final List<Thread> made = new CopyOnWriteArrayList<>();
    private final BlockingQueue<Throwable> uncaught = new LinkedBlockingQueue<>();

    @Override
    public Thread newThread(Runnable runnable) {
        Thread thread = Thread.ofVirtual()
                .name("recorded-", made.size())
                .uncaughtExceptionHandler((_, e) -> uncaught.add(e))
                .unstarted(runnable);
        made.add(thread);
        return thread;
    }

    /// Describes a race on these threads.
    @SafeVarargs
    @SuppressWarnings("varargs") // The array is passed on, and never written to.
    final <T extends @Nullable Object> FirstResponse<T> race(Callable<? extends T>... competitors) {
        return FirstResponse.<T>of(competitors).threads(this);
    }

    /// Returns the threads made so far, in order.
    List<Thread> made() {
        return made;
    }

    /// Waits for the next failure that a thread did not catch.
    Throwable takeUncaught() throws InterruptedException {
        return uncaught.take();
    }

    /// Takes the failures that threads did not catch, in any number.
    List<Throwable> drainUncaught() {
        List<Throwable> drained = new ArrayList<>();
        uncaught.drainTo(drained);
        return drained;
    }

    /// Waits until every thread that was started has ended.
    void join() throws InterruptedException {
        for (Thread thread : made) {
            if (thread.getState() != Thread.State.NEW) {
                assertThat(thread.join(LONG)).as("%s has ended", thread).isTrue();
            }
        }
    }

    @Override
    public void close() {
        try {
            join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while the threads end", e);
        }
        assertThat(uncaught).as("uncaught failures that no test has asked for").isEmpty();
    }
}

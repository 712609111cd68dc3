package com.example.threading.firstresponse;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.Uninterruptibles;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.jspecify.annotations.Nullable;

/// The competitors that tests race, and what they return.
final class Competitors {

    static final Duration A_DAY = Duration.ofDays(1);

    private Competitors() {}

    static <T> Callable<T> failing(Throwable failure) {
        return () -> {
            throw ExceptionUtils.<RuntimeException>asRuntimeException(failure);
        };
    }

    static <T extends @Nullable Object> Callable<T> onceInterrupted(Callable<T> then) {
        return () -> {
            try {
                new CountDownLatch(1).await();
                throw new AssertionError("nobody opens it");
            } catch (InterruptedException e) {
                return then.call();
            }
        };
    }

    /// A competitor that waits until it is interrupted.
    static final class Blocked implements Callable<String> {

        final CountDownLatch started = new CountDownLatch(1);
        private final CountDownLatch interrupted = new CountDownLatch(1);

        @Override
        public String call() throws Exception {
            started.countDown();
            return onceInterrupted(() -> {
                interrupted.countDown();
                return "interrupted";
            }).call();
        }

        boolean wasInterrupted() {
            return interrupted.getCount() == 0;
        }

        void assertInterrupted() {
            assertThat(Uninterruptibles.awaitUninterruptibly(interrupted, 20, SECONDS)).isTrue();
        }
    }

    /// A result that counts how often it is closed.
    static final class Resource implements AutoCloseable {

        final AtomicInteger closed = new AtomicInteger();
        volatile boolean interruptedInClose;

        @Override
        public void close() {
            interruptedInClose = Thread.currentThread().isInterrupted();
            closed.incrementAndGet();
        }
    }
}

package com.example.threading.poolmap;

import static com.example.threading.poolmap.Tasks.forEver;
import static com.example.threading.poolmap.Tasks.stubborn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.example.threading.common.NoLeaks;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What happens when the function fails: what the caller gets, and what becomes of the other items.
@ExtendWith(NoLeaks.class)
@ParameterizedClass
@EnumSource(Pools.class)
class FailureTest {

    private final Pools pools;

    FailureTest(Pools pools) {
        this.pools = pools;
    }

    // What the caller gets

    @ParameterizedTest
    @EnumSource
    void aFailureArrivesAsTheVeryObjectThatWasThrown(Member member) {
        try (var pool = pools.of(2)) {
            for (Throwable thrown : List.of(new IOException("checked"), new AssertionError("error"),
                    new IllegalStateException("unchecked"), new InterruptedException("own"),
                    new CompletionException(new IOException("wrapping")),
                    new CancellationException("own"))) {
                assertThat(catchThrowable(
                        () -> member.call(pool, _ -> ExceptionUtils.rethrow(thrown), List.of(1))))
                        .isSameAs(thrown);
            }
        }
    }

    /// The reader may look at any moment between a failure and its becoming known.
    @ParameterizedTest
    @EnumSource
    void aFailureIsNeverMistakenForAResult(Member member) {
        try (var pool = pools.of(2)) {
            var thrown = new IOException();
            for (int i = 0; i < 300; i++) {
                assertThat(catchThrowable(() -> member.call(pool, _ -> {
                    throw thrown;
                }, List.of(1, 2)))).isSameAs(thrown);
            }
        }
    }

    @Test
    void theCheckedExceptionOfTheFunctionIsThatOfTheCall() throws Exception {
        try (var pool = pools.of(2)) {
            // Compiles because map throws IOException, and not Exception.
            try {
                pool.map(FailureTest::failWithIOException, List.of(1));
            } catch (IOException e) {
                assertThat(e).hasMessage("1");
                return;
            }
            throw new AssertionError("nothing was thrown");
        }
    }

    /// What is thrown later mostly comes of the interrupts.
    @ParameterizedTest
    @EnumSource
    void aLaterFailureDoesNotChangeTheFirst(Member member) {
        try (var pool = pools.of(2)) {
            var bothRun = new CyclicBarrier(2);

            Throwable failure = catchThrowable(() -> member.call(pool, item -> {
                bothRun.await();
                if (item == 1) {
                    throw new IOException("first");
                }
                try {
                    return forEver();
                } catch (InterruptedException _) {
                    throw new IOException("late");
                }
            }, List.of(0, 1)));

            assertThat(failure).hasMessage("first").hasNoCause().hasNoSuppressedExceptions();
        }
    }

    /// As one that is made once, without a stack trace: it would grow with every call, and tell of
    /// other calls than its caller's.
    @ParameterizedTest
    @EnumSource
    void anExceptionThatIsThrownInManyCallsCollectsNothing(Member member) {
        try (var pool = pools.of(2)) {
            var shared = new IOException("shared");
            for (int i = 0; i < 100; i++) {
                var bothRun = new CyclicBarrier(2);

                assertThat(catchThrowable(() -> member.call(pool, item -> {
                    bothRun.await();
                    throw item == 0 ? shared : new IOException("other");
                }, List.of(0, 1)))).isInstanceOf(IOException.class).hasNoSuppressedExceptions();
            }

            assertThat(shared).hasNoCause().hasNoSuppressedExceptions();
        }
    }

    @ParameterizedTest
    @EnumSource
    void oneExceptionThrownTwiceIsNotSuppressedInItself(Member member) {
        try (var pool = pools.of(2)) {
            var bothRun = new CyclicBarrier(2);
            var shared = new IOException("shared");

            Throwable failure = catchThrowable(() -> member.call(pool, _ -> {
                bothRun.await();
                throw shared;
            }, List.of(0, 1)));

            assertThat(failure).isSameAs(shared).hasNoSuppressedExceptions();
        }
    }

    @ParameterizedTest
    @EnumSource
    void ofFailuresThatCoincideOneArrivesUnchanged(Member member) {
        try (var pool = pools.of(2)) {
            for (int i = 0; i < 100; i++) {
                var bothRun = new CyclicBarrier(2);
                var failures = List.of(new IOException("0"), new IOException("1"));

                Throwable failure = catchThrowable(() -> member.call(pool, item -> {
                    bothRun.await();
                    throw failures.get(item);
                }, List.of(0, 1)));

                assertThat(failure).isIn(failures).hasNoCause().hasNoSuppressedExceptions();
            }
        }
    }

    // What becomes of the other items

    @ParameterizedTest
    @EnumSource
    void aFailureBesideASlowHeadIsThrownAtOnceAndTheHeadInterrupted(Member member) {
        try (var pool = pools.of(2)) {
            var headRuns = new CountDownLatch(1);
            var headWasInterrupted = new AtomicBoolean();

            Throwable failure = catchThrowable(() -> member.call(pool, item -> {
                if (item == 0) {
                    headRuns.countDown();
                    try {
                        return forEver();
                    } finally {
                        headWasInterrupted.set(true);
                    }
                }
                headRuns.await();
                throw new IOException("beside the head");
            }, List.of(0, 1)));

            assertThat(failure).isExactlyInstanceOf(IOException.class).hasNoSuppressedExceptions();
            assertThat(headWasInterrupted).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void afterAFailureNothingMoreStarts(Member member) {
        var started = new AtomicInteger();
        try (var pool = pools.of(1)) {
            var _ = catchThrowable(() -> member.call(pool, _ -> {
                started.incrementAndGet();
                throw new IOException();
            }, List.of(1, 2, 3, 4)));
        }

        assertThat(started).hasValue(1);
    }

    @ParameterizedTest
    @EnumSource
    void whatRunsBesideAFailureIsWaitedFor(Member member) {
        try (var pool = pools.of(3)) {
            var log = new ConcurrentLinkedQueue<String>();
            var run = new CountDownLatch(2);

            var _ = catchThrowable(() -> member.call(pool, item -> {
                if (item < 2) {
                    return stubborn(item, run, log);
                }
                run.await();
                throw new IOException();
            }, List.of(0, 1, 2)));

            assertThat(log).hasSize(2);
        }
    }

    /// The stream is not closed, which would wait too.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theReadThatThrowsAFailureWaitsForWhatRuns(boolean ordered) throws Exception {
        try (var pool = pools.of(2)) {
            var log = new ConcurrentLinkedQueue<String>();
            var run = new CountDownLatch(1);
            InterruptibleFunction<Integer, Integer, IOException> function = item -> {
                if (item == 0) {
                    return stubborn(item, run, log);
                }
                run.await();
                throw new IOException();
            };
            Iterator<Integer> reader = (ordered
                    ? pool.imap(function, List.of(0, 1))
                    : pool.imapUnordered(function, List.of(0, 1))).iterator();

            assertThat(catchThrowable(reader::next)).isInstanceOf(IOException.class);

            assertThat(log).hasSize(1);
        }
    }

    @Test
    void aFailedFutureCompletesWhenItsWorkHasEnded() throws Exception {
        try (var pool = pools.of(2)) {
            var log = new ConcurrentLinkedQueue<String>();
            var run = new CountDownLatch(1);

            CompletableFuture<List<Integer>> future = pool.mapAsync(item -> {
                if (item == 1) {
                    return stubborn(item, run, log);
                }
                run.await();
                throw new IOException();
            }, List.of(1, 2));

            assertThat(future.handle((_, _) -> log.size()).join()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void afterAFailureThePoolGoesOnWithAllItsWorkersAndNoInterruptLeft(Member member)
            throws Exception {
        try (var pool = pools.of(2)) {
            var bothRun = new CyclicBarrier(2);
            var _ = catchThrowable(() -> member.call(pool, item -> {
                bothRun.await();
                if (item == 1) {
                    throw new AssertionError();
                }
                return forEver();
            }, List.of(0, 1)));

            List<Boolean> interrupted = pool.map(_ -> {
                bothRun.await();
                return Thread.currentThread().isInterrupted();
            }, List.of(0, 1));

            assertThat(interrupted).containsExactly(false, false);
        }
    }

    private static Integer failWithIOException(int item) throws IOException, InterruptedException {
        throw new IOException(Integer.toString(item));
    }
}

package com.example.threading.summingthreads;

import static com.example.threading.summingthreads.Sums.finished;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.example.threading.common.NoLeaks;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.function.LongUnaryOperator;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What becomes of a failure: it reaches the caller, unchanged, and stops the other threads.
@ExtendWith(NoLeaks.class)
class FailureTest {

    @AfterEach
    void noThreadIsLeftBehind() {
        Sums.assertNoSummingThreadIsAlive();
    }

    static List<Throwable> anyFailureAtAll() {
        return List.of(new IllegalArgumentException("bad"), new StackOverflowError("deep"),
                new CancellationException("of the term, not of the thread"),
                new IOException("a checked exception, past the compiler"));
    }

    // One thread

    @ParameterizedTest
    @MethodSource("anyFailureAtAll")
    void aFailureIsThrownByTotalAndIsTheSameObject(Throwable failure) throws InterruptedException {
        var thread = finished(failing(failure));
        assertThat(catchThrowable(thread::total)).isSameAs(failure);
        assertThat(catchThrowable(thread::total)).isSameAs(failure);
    }

    @Test
    void aFailureDoesNotReachTheUncaughtExceptionHandler() throws InterruptedException {
        var uncaught = new ArrayList<Throwable>();
        var thread = failing(new IllegalStateException("kept for total()"));
        thread.setUncaughtExceptionHandler((_, failure) -> uncaught.add(failure));
        finished(thread);
        assertThat(uncaught).isEmpty();
    }

    // Several threads

    @ParameterizedTest
    @MethodSource("anyFailureAtAll")
    void whatATermThrowsIsThrownItself(Throwable failure) {
        assertThat(catchThrowable(
                () -> RangeSum.sum(0, 100, 3, i -> i == 50 ? ExceptionUtils.rethrow(failure) : i)))
                .isSameAs(failure).hasNoSuppressedExceptions();
    }

    /// Whichever of the threads fails: the caller does not wait for them in turn.
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2})
    void aTermThatThrowsInterruptsTermsThatWait(long failing) {
        var gate = new CountDownLatch(1);
        var othersWait = new CountDownLatch(2);
        Queue<Throwable> ofTheOthers = new ConcurrentLinkedQueue<>();
        var failure = new IllegalStateException("on purpose");
        assertThat(catchThrowable(() -> RangeSum.sum(0, 3, 3, i -> {
            if (i == failing) {
                Sums.await(othersWait);
                throw failure;
            }
            othersWait.countDown();
            ofTheOthers.add(catchThrowable(() -> Sums.await(gate)));
            return i;
        }))).isSameAs(failure).hasNoSuppressedExceptions();
        assertThat(ofTheOthers).hasSize(2)
                .hasOnlyElementsOfType(Sums.InterruptedWhileWaiting.class);
    }

    /// Uninterrupted, the others would take some hundred years.
    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, 0})
    void aTermThatThrowsStopsTermsThatCompute(long failing) {
        var failure = new IllegalStateException("on purpose");
        assertThat(catchThrowable(() -> RangeSum.sum(Long.MIN_VALUE, Long.MAX_VALUE, 2, i -> {
            if (i == failing) {
                throw failure;
            }
            return 0;
        }))).isSameAs(failure).hasNoSuppressedExceptions();
    }

    @Test
    void theFirstFailureInTimeIsThrownAndLaterOnesAreDropped() {
        var first = new IllegalStateException("first in time, last in the range");
        var later = new IllegalStateException("first in the range, last in time");
        assertThat(thrownByTwo(first, later)).isSameAs(first).hasNoSuppressedExceptions();
    }

    /// Nothing is kept in an exception of the caller's, which may outlive the sum.
    @Test
    void aFailureThatIsThrownInSumAfterSumStaysAsItIs() {
        var constant = new IllegalStateException("a constant");
        for (int n = 0; n < 100; n++) {
            assertThat(thrownByTwo(constant, new IllegalStateException("of sum " + n)))
                    .isSameAs(constant);
        }
        assertThat(constant).hasNoSuppressedExceptions();
    }

    @Test
    void oneFailureThrownByEveryThreadIsThrown() {
        var failure = new IllegalStateException("a constant");
        assertThat(catchThrowable(() -> RangeSum.sum(0, 10, 10, _ -> {
            throw failure;
        }))).isSameAs(failure).hasNoSuppressedExceptions();
    }

    @Test
    void aThreadThatCannotBeStartedStopsThoseThatWere() {
        var cannotStart = new OutOfMemoryError("unable to create native thread");
        var started = new SummingThread(Long.MIN_VALUE, Long.MAX_VALUE);
        var notStarted = new SummingThread(0, 10) {
            @Override
            public void start() {
                throw cannotStart;
            }
        };
        var finished = new ArrayBlockingQueue<SummingThread>(2);
        assertThat(catchThrowable(
                () -> RangeSum.joinAndAdd(List.of(started, notStarted), finished)))
                .isSameAs(cannotStart).hasNoSuppressedExceptions();
        assertThat(started.getState()).isEqualTo(Thread.State.TERMINATED);
        assertThat(notStarted.getState()).isEqualTo(Thread.State.NEW);
    }

    // Where it failed

    @Test
    void theNameOfItsThreadTellsATermTheRange() {
        assertThatThrownBy(() -> RangeSum.sum(0, 100, 2, i -> {
            if (i == 50) {
                throw new IllegalStateException("in " + Thread.currentThread().getName());
            }
            return i;
        })).hasMessage("in sum of [50, 100)");
    }

    @Test
    void aTermCanBeMadeToNameTheNumberOfItsFailure() {
        LongUnaryOperator term = i -> 100 / (i - 50);
        // tag::named-failure[]
        LongUnaryOperator named = i -> {
            try {
                return term.applyAsLong(i);
            } catch (RuntimeException e) {
                throw new IllegalStateException("the term of " + i, e);
            }
        };
        // end::named-failure[]
        assertThatThrownBy(() -> RangeSum.sum(0, 100, 2, named)).hasMessage("the term of 50")
                .hasCauseInstanceOf(ArithmeticException.class);
    }

    private static SummingThread failing(Throwable failure) {
        return new SummingThread(0, 2000, i -> i == 1500 ? ExceptionUtils.rethrow(failure) : i);
    }

    /// What a sum throws whose one thread fails, and whose other fails once it is interrupted.
    private static Throwable thrownByTwo(RuntimeException first, RuntimeException later) {
        var gate = new CountDownLatch(1);
        var waiting = new CountDownLatch(1);
        return catchThrowable(() -> RangeSum.sum(0, 2, 2, i -> {
            if (i == 1) {
                Sums.await(waiting);
                throw first;
            }
            waiting.countDown();
            assertThat(catchThrowable(() -> Sums.await(gate))).isNotNull();
            throw later;
        }));
    }
}

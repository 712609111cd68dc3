package com.example.threading.poolmap;

import static com.example.threading.poolmap.Tasks.meet;
import static com.google.common.util.concurrent.Uninterruptibles.awaitUninterruptibly;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.example.threading.common.Caller;
import com.example.threading.common.NoLeaks;
import com.example.threading.poolmap.Way.Bound;
import com.example.threading.poolmap.Way.Input;
import com.example.threading.poolmap.Way.Mapping;
import com.example.threading.poolmap.Way.Noticed;
import com.example.threading.poolmap.Way.Rest;
import com.example.threading.poolmap.Way.Returns;
import com.google.common.collect.Iterables;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Checks what [Way] says of each way.
@ExtendWith(NoLeaks.class)
class OtherWaysTest {

    /// Guava throws an `Error`, and logs it too.
    private static final Logger GUAVA = Logger
            .getLogger("com.google.common.util.concurrent.AggregateFuture");

    @BeforeAll
    static void keepTheLogQuiet() {
        GUAVA.setLevel(Level.OFF);
    }

    @ParameterizedTest
    @EnumSource
    void resultsKeepInputOrder(Way way) throws Exception {
        try (Mapping mapping = way.open(2)) {
            var secondIsDone = new CountDownLatch(1);

            assertThat(mapping.first(2, item -> {
                if (item == 1) {
                    awaitUninterruptibly(secondIsDone);
                } else {
                    secondIsDone.countDown();
                }
                return -item;
            }, List.of(1, 2))).containsExactly(-1, -2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void inputIsReadAsFarAsTheTableSays(Way way) throws Exception {
        try (Mapping mapping = way.open(2)) {
            var read = new AtomicInteger();
            Iterable<Integer> endless = () -> Stream
                    .iterate(0, _ -> read.incrementAndGet()).iterator();

            List<Integer> first = mapping.first(3, item -> item,
                    way.input == Input.WHOLE ? Iterables.limit(endless, 5000) : endless);

            assertThat(first).hasSize(3);
            switch (way.input) {
                case WHOLE -> assertThat(read).hasValue(4999);
                case BATCHES -> assertThat(read).hasValueGreaterThan(100);
                case WINDOW -> assertThat(read).hasValueLessThanOrEqualTo(3 + 2 * 2);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void asManyRunAtATimeAsTheTableSays(Way way) throws Exception {
        try (Mapping mapping = way.open(3)) {
            var inFlight = new AtomicInteger();
            var peak = new AtomicInteger();
            var three = new CyclicBarrier(3);

            mapping.first(12, item -> {
                peak.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
                if (way.bound == Bound.WORKERS) {
                    meet(three);
                }
                inFlight.decrementAndGet();
                return item;
            }, Collections.nCopies(12, 1));

            assertThat(peak).hasValueLessThanOrEqualTo(way.mostAtATime(3));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFailureBesideASlowItemIsNoticedWhenTheTableSays(Way way) throws Exception {
        try (Mapping mapping = way.open(2)) {
            // The first in line or, where the caller works too, the caller's own.
            var pair = new Pair(way.callerWorks() ? Slow.CALLERS : Slow.FIRST, true);
            Caller<?> caller = pair.callWith(mapping);

            if (way.noticed == Noticed.AT_ONCE) {
                // Either the call has returned, or it waits for what it has interrupted.
                soon().until(() -> caller.isDone() || pair.slowWasInterrupted.getCount() == 0);
            } else {
                awaitBlocked(caller);
                assertThat(pair.slowWasInterrupted.getCount()).isOne();
            }
            pair.gate.countDown();
            assertThat(ExceptionUtils.getRootCause(caller.failure())).isSameAs(pair.failure);
        }
    }

    @ParameterizedTest
    @EnumSource
    void afterAFailureTheRestGoesOnOrIsInterruptedAsTheTableSays(Way way) throws Exception {
        try (Mapping mapping = way.open(2)) {
            // The failure is where it is noticed first.
            var pair = new Pair(way.callerWorks() ? Slow.WORKERS : Slow.SECOND, true);
            Caller<?> caller = pair.callWith(mapping);

            if (way.rest == Rest.INTERRUPTED) {
                pair.slowWasInterrupted.await();
            }
            if (way.returns == Returns.BEFORE_THE_REST) {
                assertThat(caller.failure()).isNotNull();
                assertThat(pair.slowHasEnded.getCount()).isOne();
            } else {
                awaitBlocked(caller);
            }
            pair.gate.countDown();
            assertThat(caller.failure()).isNotNull();
            if (way.returns == Returns.AFTER_THE_REST) {
                assertThat(pair.slowHasEnded.getCount()).isZero();
            }
            pair.slowHasEnded.await();
            assertThat(pair.slowWasInterrupted.getCount())
                    .isEqualTo(way.rest == Rest.INTERRUPTED ? 0 : 1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptOfTheCallerDoesWhatTheTableSays(Way way) throws Exception {
        try (Mapping mapping = way.open(2)) {
            var pair = new Pair(way.callerWorks() ? Slow.WORKERS : Slow.FIRST, false);
            Caller<?> caller = pair.callWith(mapping);
            pair.slowRuns.await();
            awaitBlocked(caller);

            caller.interrupt();

            switch (way.interrupt) {
                case CANCELS -> {
                    pair.slowWasInterrupted.await();
                    pair.gate.countDown();
                    assertThat(caller.failure()).isInstanceOf(InterruptedException.class);
                }
                case ENDS_THE_WAITING -> {
                    assertThat(caller.failure()).isInstanceOf(InterruptedException.class);
                    pair.gate.countDown();
                    pair.slowHasEnded.await();
                    assertThat(pair.slowWasInterrupted.getCount()).isOne();
                }
                case IGNORED -> {
                    awaitBlocked(caller);
                    pair.gate.countDown();
                    assertThat(caller.result()).isEqualTo(List.of(0, 1));
                    assertThat(pair.slowWasInterrupted.getCount()).isOne();
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatWasThrownArrivesAsTheTableSays(Way way) throws Exception {
        try (Mapping mapping = way.open(2)) {
            for (Throwable thrown : List.of(new IllegalStateException(), new AssertionError())) {
                var bothRun = new CyclicBarrier(2);
                Thread caller = Thread.currentThread();

                Throwable caught = catchThrowable(() -> mapping.first(2, item -> {
                    meet(bothRun);
                    // By a thread that is not the caller's.
                    if (way.callerWorks() ? Thread.currentThread() != caller : item == 0) {
                        throw ExceptionUtils.<RuntimeException>rethrow(thrown);
                    }
                    return item;
                }, List.of(0, 1)));

                switch (way.thrown) {
                    case UNWRAPPED -> assertThat(caught).isSameAs(thrown);
                    case UNWRAPPED_UNLESS_ERROR -> {
                        if (thrown instanceof Error) {
                            assertThat(caught).isExactlyInstanceOf(RuntimeException.class)
                                    .hasCause(thrown);
                        } else {
                            assertThat(caught).isSameAs(thrown);
                        }
                    }
                    case AS_A_COPY -> {
                        assertThat(caught).isExactlyInstanceOf(thrown.getClass())
                                .isNotSameAs(thrown);
                        assertThat(caught.getCause()).isSameAs(thrown);
                    }
                    case WRAPPED -> {
                        assertThat(caught).isExactlyInstanceOf(ExecutionException.class);
                        assertThat(caught.getCause()).isSameAs(thrown);
                    }
                }
            }
        }
    }

    private enum Slow {
        FIRST, SECOND, CALLERS, WORKERS
    }

    /// Two items that run at the same time. One waits for the gate, the other may fail.
    private static final class Pair implements Function<Integer, Integer> {

        final CountDownLatch gate = new CountDownLatch(1);
        final CountDownLatch slowRuns = new CountDownLatch(1);
        final CountDownLatch slowWasInterrupted = new CountDownLatch(1);
        final CountDownLatch slowHasEnded = new CountDownLatch(1);
        final IllegalStateException failure = new IllegalStateException("not the slow one");
        private final CyclicBarrier bothRun = new CyclicBarrier(2);
        private final Slow slow;
        private final boolean otherFails;
        private volatile Thread caller = Thread.currentThread();

        Pair(Slow slow, boolean otherFails) {
            this.slow = slow;
            this.otherFails = otherFails;
        }

        Caller<?> callWith(Mapping mapping) {
            return Caller.of(() -> {
                caller = Thread.currentThread();
                return mapping.first(2, this, List.of(0, 1));
            });
        }

        @Override
        public Integer apply(Integer item) {
            meet(bothRun);
            if (!isSlow(item)) {
                if (otherFails) {
                    throw failure;
                }
                return item;
            }
            slowRuns.countDown();
            try {
                gate.await();
                return item;
            } catch (InterruptedException e) {
                slowWasInterrupted.countDown();
                // Takes its time to end.
                awaitUninterruptibly(gate);
                throw new CancellationException();
            } finally {
                slowHasEnded.countDown();
            }
        }

        private boolean isSlow(int item) {
            return switch (slow) {
                case FIRST -> item == 0;
                case SECOND -> item == 1;
                case CALLERS -> Thread.currentThread() == caller;
                case WORKERS -> Thread.currentThread() != caller;
            };
        }
    }

    /// The call waits, and goes on waiting.
    private static void awaitBlocked(Caller<?> caller) {
        caller.awaitWaiting();
        soon().during(Duration.ofMillis(25)).until(() -> !caller.isDone());
    }

    private static ConditionFactory soon() {
        return await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1));
    }
}

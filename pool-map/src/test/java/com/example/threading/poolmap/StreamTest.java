package com.example.threading.poolmap;

import static com.example.threading.poolmap.Tasks.besideAFailure;
import static com.example.threading.poolmap.Tasks.forEver;
import static com.example.threading.poolmap.Tasks.ignoreInterrupts;
import static com.example.threading.poolmap.Tasks.naturals;
import static com.example.threading.poolmap.Tasks.onceRunning;
import static com.example.threading.poolmap.Tasks.stubborn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.example.threading.common.Caller;
import com.example.threading.common.NoLeaks;
import com.google.common.collect.Iterators;
import com.google.common.collect.Lists;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The streams of `imap` and `imapUnordered`: what they read ahead, and how they end.
@ExtendWith(NoLeaks.class)
@ParameterizedClass
@EnumSource(Pools.class)
class StreamTest {

    private final Pools pools;

    StreamTest(Pools pools) {
        this.pools = pools;
    }

    @Test
    void imapTakesInfiniteInput() throws Exception {
        try (var pool = pools.of(3);
                Stream<Integer> results = pool.imap(item -> 2 * item, Tasks::naturals)) {
            assertThat(results.limit(100)).isEqualTo(IntStream.range(0, 100).mapToObj(i -> 2 * i)
                    .toList());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void inputIsReadAtMostTwiceTheWorkersAhead(boolean ordered) throws Exception {
        try (var pool = pools.of(3)) {
            var read = new AtomicInteger();
            // A result is held back until the fifth item after its own has been read.
            var held = Stream.generate(() -> new CountDownLatch(1)).limit(30).toList();
            Iterable<Integer> input = () -> Iterators.transform(naturals(), i -> {
                read.incrementAndGet();
                if (i >= 5) {
                    held.get(i - 5).countDown();
                }
                return i;
            });
            InterruptibleFunction<Integer, Integer, RuntimeException> function = item -> {
                held.get(item).await();
                return item;
            };

            try (Stream<Integer> results = ordered
                    ? pool.imap(function, input)
                    : pool.imapUnordered(function, input)) {
                assertThat(read).as("before the first is wanted").hasValue(0);
                Iterator<Integer> reader = results.iterator();
                for (int taken = 0; taken < 20; taken++) {
                    assertThat(reader.hasNext()).isTrue();
                    assertThat(read).hasValue(taken + 6);
                    assertThat(reader.next()).isEqualTo(taken);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theReaderOfAStreamMayUseThePool(boolean ordered) throws Exception {
        try (var pool = pools.of(1);
                Stream<Integer> results = ordered
                        ? pool.imap(item -> item, Tasks::naturals)
                        : pool.imapUnordered(item -> item, Tasks::naturals)) {
            List<Integer> sums = new ArrayList<>();
            for (Iterator<Integer> reader = results.iterator(); sums.size() < 10;) {
                int result = reader.next();
                sums.addAll(pool.map(item -> item + result, List.of(100)));
            }

            assertThat(sums).isEqualTo(IntStream.range(100, 110).boxed().toList());
        }
    }

    @Test
    void aStreamThatIsNotReadHoldsNoWorker() throws Exception {
        try (var pool = pools.of(1)) {
            Iterator<Integer> reader = pool.imap(item -> item, Tasks::naturals).iterator();
            assertThat(reader.next()).isZero();

            assertThat(pool.map(item -> item, List.of(7))).containsExactly(7);
        }
    }

    // The end of a stream

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void closingAStreamInterruptsWhatRunsAndWaitsForIt(boolean ordered) throws Exception {
        try (var pool = pools.of(2)) {
            var log = new ConcurrentLinkedQueue<String>();
            var windowIsFull = new CountDownLatch(4);
            var bothRun = new CountDownLatch(2);
            InterruptibleFunction<Integer, Integer, RuntimeException> function = item -> {
                if (item > 0) {
                    return stubborn(item, bothRun, log);
                }
                windowIsFull.await();
                return item;
            };
            Stream<Integer> results = ordered
                    ? pool.imap(function, naturals(windowIsFull))
                    : pool.imapUnordered(function, naturals(windowIsFull));
            assertThat(results.iterator().next()).isZero();
            bothRun.await();

            results.close();

            assertThat(log).hasSize(2);
        }
    }

    /// As a reader does that was interrupted, keeps that in its status, and closes its stream.
    @Test
    void closingAStreamWaitsThoughTheInterruptStatusIsSet() throws Exception {
        try (var pool = pools.of(2)) {
            var log = new ConcurrentLinkedQueue<String>();
            var windowIsFull = new CountDownLatch(4);
            var bothRun = new CountDownLatch(2);
            Stream<Integer> results = pool.imap(item -> {
                if (item > 0) {
                    return stubborn(item, bothRun, log);
                }
                windowIsFull.await();
                return item;
            }, naturals(windowIsFull));
            assertThat(results.iterator().next()).isZero();
            bothRun.await();
            Thread.currentThread().interrupt();

            results.close();

            assertThat(Thread.interrupted()).isTrue();
            assertThat(log).hasSize(2);
        }
    }

    @Test
    void closingAStreamThatHasFailedWaitsForWhatStillRuns() throws Exception {
        try (var pool = pools.of(2)) {
            var windowIsFull = new CountDownLatch(4);
            var headIsRead = new CountDownLatch(1);
            var failureIsKnown = new CountDownLatch(1);
            var gate = new CountDownLatch(1);
            var failing = besideAFailure(new IllegalStateException("boom"), failureIsKnown, gate);
            Stream<Integer> results = pool.imap(item -> {
                if (item == 0) {
                    windowIsFull.await();
                    return item;
                }
                headIsRead.await();
                return failing.apply(item);
            }, naturals(windowIsFull));
            assertThat(results.iterator().next()).isZero();
            headIsRead.countDown();
            failureIsKnown.await();

            Caller<Boolean> closing = Caller.of(() -> {
                results.close();
                return true;
            });
            try {
                closing.awaitWaiting();
            } finally {
                gate.countDown();
            }

            assertThat(closing.result()).isTrue();
        }
    }

    @Test
    void closingAStreamStartsNothingMore() throws Exception {
        try (var pool = pools.of(1)) {
            var windowIsFull = new CountDownLatch(2);
            var started = new AtomicInteger();
            Stream<Integer> results = pool.imap(item -> {
                started.incrementAndGet();
                windowIsFull.await();
                return item == 0 ? item : forEver();
            }, naturals(windowIsFull));
            Iterator<Integer> reader = results.iterator();
            assertThat(reader.next()).isZero();

            results.close();
            pool.map(item -> item, List.of(1));

            assertThat(started.get()).isLessThanOrEqualTo(2);
            assertThatExceptionOfType(CancellationException.class).isThrownBy(reader::next)
                    .withMessage("the stream was closed");
        }
    }

    @Test
    void aStoppedStreamReadsNoMoreInput() throws Exception {
        try (var pool = pools.of(1)) {
            var read = new AtomicInteger();
            Stream<Integer> results = pool.imap(item -> item,
                    () -> Stream.generate(read::incrementAndGet).iterator());
            Iterator<Integer> reader = results.iterator();
            reader.next();
            results.close();
            int readBefore = read.get();

            assertThatExceptionOfType(CancellationException.class).isThrownBy(reader::hasNext);

            assertThat(read).hasValue(readBefore);
        }
    }

    /// Its items wait behind another call's, so none of them can wake the reader.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aReaderThatWaitsIsWokenWhenAnotherThreadClosesItsStream(boolean ordered)
            throws Exception {
        try (var pool = pools.of(1)) {
            var gate = new CountDownLatch(1);
            var busy = onceRunning(pool, () -> ignoreInterrupts(gate));
            Stream<Integer> results = ordered
                    ? pool.imap(item -> item, List.of(1))
                    : pool.imapUnordered(item -> item, List.of(1));
            Caller<Integer> reading = Caller.of(results.iterator()::next);
            reading.awaitWaiting();

            results.close();

            assertThat(reading.failure()).isExactlyInstanceOf(CancellationException.class);
            gate.countDown();
            assertThat(busy.join()).containsExactly(0);
        }
    }

    @Test
    void anInterruptWhileAStreamClosesIsKeptAndEndsTheWaiting() throws Exception {
        try (var pool = pools.of(1)) {
            var windowIsFull = new CountDownLatch(2);
            var running = new CountDownLatch(1);
            var gate = new CountDownLatch(1);
            Stream<Integer> results = pool.imap(item -> {
                if (item == 0) {
                    windowIsFull.await();
                    return 0;
                }
                running.countDown();
                return ignoreInterrupts(gate);
            }, naturals(windowIsFull));
            assertThat(results.iterator().next()).isZero();
            running.await();

            Caller<Boolean> closing = Caller.of(() -> {
                results.close();
                return Thread.currentThread().isInterrupted();
            });
            closing.awaitWaiting();
            closing.interrupt();

            assertThat(closing.result()).isTrue();
            gate.countDown();
        }
    }

    @Test
    void anAbandonedStreamStartsNothingBeyondWhatItHadRead() throws Exception {
        var windowIsFull = new CountDownLatch(4);
        var started = new AtomicInteger();
        try (var pool = pools.of(2)) {
            assertThat(pool.imap(_ -> {
                windowIsFull.await();
                return started.incrementAndGet();
            }, naturals(windowIsFull)).findFirst()).isPresent();
        }

        assertThat(started).hasValue(4);
    }

    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true", "false, false"})
    void aStreamThatWasReadToItsEndIsOverAndNothingEndsItOnceMore(boolean ordered, boolean close)
            throws Exception {
        try (var pool = pools.of(2)) {
            List<Integer> items = List.of(1, 2, 3, 4, 5);
            Stream<Integer> results = ordered
                    ? pool.imap(item -> item, items)
                    : pool.imapUnordered(item -> item, items);
            Iterator<Integer> reader = results.iterator();
            assertThat(Lists.newArrayList(reader)).hasSize(5);

            if (close) {
                results.close();
            } else {
                pool.terminate();
            }

            assertThat(reader.hasNext()).isFalse();
        }
    }

    // The end of its pool

    @Test
    void aClosedPoolStillGivesAStreamWhatItHadAcceptedAndThenRefuses() throws Exception {
        var pool = pools.of(2);
        var windowIsFull = new CountDownLatch(4);
        Iterator<Integer> reader = pool.imap(item -> {
            windowIsFull.await();
            return item;
        }, naturals(windowIsFull)).iterator();
        assertThat(reader.next()).isZero();

        pool.close();

        assertThat(List.of(reader.next(), reader.next(), reader.next())).containsExactly(1, 2, 3);
        assertThatIllegalStateException().isThrownBy(reader::next)
                .withMessage("the pool is closed");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTerminatedPoolEndsAStreamThatNobodyHasReadYet(boolean ordered) throws Exception {
        var pool = pools.of(1);
        Iterator<Integer> reader = (ordered
                ? pool.imap((Integer item) -> item, List.of(1, 2))
                : pool.imapUnordered((Integer item) -> item, List.of(1, 2))).iterator();

        pool.terminate();

        assertThatExceptionOfType(CancellationException.class).isThrownBy(reader::next)
                .withMessage("the pool was terminated");
    }

    @Test
    void aTerminatedPoolEndsAStreamThatNobodyIsReadingAtTheMoment() throws Exception {
        var pool = pools.of(1);
        Iterator<Integer> reader = pool.imap(item -> item, List.of(1, 2)).iterator();
        reader.next();

        pool.terminate();

        assertThatExceptionOfType(CancellationException.class).isThrownBy(reader::next);
        pool.close();
    }
}

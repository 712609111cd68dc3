package com.example.threading.poolmap;

import static com.example.threading.poolmap.Tasks.meet;
import static com.google.common.util.concurrent.Uninterruptibles.awaitUninterruptibly;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import com.example.threading.common.Caller;
import com.example.threading.common.NoLeaks;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Shows the harm that each `Broken…` does, and that [ThreadPool] does not do it.
@ExtendWith(NoLeaks.class)
class BrokenWaysTest {

    private static final List<Integer> HUNDRED = IntStream.range(0, 100).boxed().toList();

    @Test
    void anUnboundedFanOutAsksForEverythingAtOnce() throws Exception {
        var all = new CyclicBarrier(100);
        var peak = new AtomicInteger();

        // The barrier opens when all hundred items run at the same time.
        BrokenUnboundedFanOut.map(counting(peak, all), HUNDRED);

        assertThat(peak).hasValue(100);
    }

    @Test
    void aPoolAsksForAsMuchAsItHasWorkers() throws Exception {
        var four = new CyclicBarrier(4);
        var peak = new AtomicInteger();

        try (var pool = ThreadPool.ofVirtualThreads(4)) {
            pool.map(counting(peak, four)::apply, HUNDRED);
        }

        assertThat(peak).hasValue(4);
    }

    private static Function<Integer, Integer> counting(AtomicInteger peak, CyclicBarrier barrier) {
        var inFlight = new AtomicInteger();
        return item -> {
            peak.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
            meet(barrier);
            return inFlight.decrementAndGet();
        };
    }

    @Test
    void aSharedListLosesTheInputsOrder() {
        var secondIsDone = new CountDownLatch(1);
        List<Integer> results = new ArrayList<>() {
            @Override
            public boolean add(Integer result) {
                boolean added = super.add(result);
                secondIsDone.countDown();
                return added;
            }
        };

        BrokenSharedList.map(item -> {
            if (item == 1) {
                awaitUninterruptibly(secondIsDone);
            }
            return item;
        }, List.of(1, 2), Collections.synchronizedList(results));

        assertThat(results).containsExactly(2, 1);
    }

    @Test
    void aSharedListLosesResults() {
        var bothHaveReadTheSize = new CyclicBarrier(2);
        var results = new BrokenSharedList.SteppedList<>(2, 0, () -> meet(bothHaveReadTheSize));

        BrokenSharedList.map(item -> item, List.of(1, 2), results);

        assertThat(results).hasSize(1);
    }

    @Test
    void aSwallowedInterruptMakesTheFailureWait() throws Exception {
        BlockingQueue<String> replies = new LinkedBlockingQueue<>();
        try (var pool = new ThreadPool(2)) {
            Caller<?> caller = failBeside(pool, () -> BrokenSwallowedInterrupt.take(replies));
            caller.awaitWaiting();

            // The other item has failed, but the caller gets the failure only after this reply.
            replies.add("late");

            assertThat(caller.failure()).isExactlyInstanceOf(IOException.class);
            assertThat(replies).isEmpty();
        }
    }

    @Test
    void anInterruptThatIsLetThroughEndsTheWork() throws Exception {
        BlockingQueue<String> replies = new LinkedBlockingQueue<>();
        try (var pool = new ThreadPool(2)) {
            Caller<?> caller = failBeside(pool,
                    () -> BrokenSwallowedInterrupt.takeRightly(replies));

            assertThat(caller.failure()).isExactlyInstanceOf(IOException.class);
        }
    }

    /// A call of two items. One does the work, and the other fails when the work has begun.
    private static Caller<?> failBeside(ThreadPool pool, Work work) throws Exception {
        var begun = new CountDownLatch(1);
        return Caller.of(() -> pool.<Integer, String, IOException>map(item -> {
            if (item == 0) {
                begun.countDown();
                return work.run();
            }
            begun.await();
            throw new IOException("beside it");
        }, List.of(0, 1)));
    }

    @FunctionalInterface
    private interface Work {
        String run() throws InterruptedException;
    }

    @Test
    void aNestedMapOnOneExecutorNeverEnds() throws Exception {
        var executor = (ThreadPoolExecutor) Executors.newFixedThreadPool(1);
        try {
            Caller<?> caller = Caller
                    .of(() -> BrokenNestedMap.sumOfSquares(executor, List.of(1, 2, 3)));
            caller.awaitWaiting();

            // Three tasks are in the queue, and the only thread waits for them: a deadlock.
            await().pollDelay(Duration.ZERO).until(() -> executor.getQueue().size() == 3);
            assertThat(executor.getActiveCount()).isEqualTo(executor.getMaximumPoolSize());
            assertThat(caller.isDone()).isFalse();

            executor.shutdownNow();
            assertThat(caller.failure()).isExactlyInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(InterruptedException.class);
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void aNestedMapOnAPoolIsRefused() {
        try (var pool = new ThreadPool(1)) {
            assertThatIllegalStateException().isThrownBy(() -> pool.map(
                    _ -> pool.map(item -> item * item, List.of(1, 2, 3)), List.of(0)));
        }
    }
}

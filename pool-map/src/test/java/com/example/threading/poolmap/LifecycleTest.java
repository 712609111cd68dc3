package com.example.threading.poolmap;

import static com.example.threading.poolmap.Tasks.ignoreInterrupts;
import static com.example.threading.poolmap.Tasks.onceRunning;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.example.threading.common.Caller;
import com.example.threading.common.NoLeaks;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// How a pool is closed, and what it says after that.
@ExtendWith(NoLeaks.class)
@ParameterizedClass
@EnumSource(Pools.class)
class LifecycleTest {

    private final Pools pools;

    LifecycleTest(Pools pools) {
        this.pools = pools;
    }

    @Test
    void closeFinishesWhatWasAccepted() {
        var pool = pools.of(2);
        List<CompletableFuture<List<Integer>>> futures = IntStream.range(0, 10)
                .mapToObj(i -> pool.mapAsync(item -> item, List.of(i, i)))
                .toList();

        pool.close();

        assertThat(futures).allSatisfy(future -> assertThat(future).isCompleted());
    }

    /// The worker may be about to look for more work when there is none any more.
    @Test
    void closeReturnsWhenWhatIsQueuedIsCancelledMeanwhile() throws Exception {
        for (int i = 0; i < 200; i++) {
            var pool = pools.of(1);
            var gate = new CountDownLatch(1);
            var first = pool.mapAsync(_ -> {
                gate.await();
                return 0;
            }, List.of(1));
            var second = pool.mapAsync(item -> item, List.of(1));
            Caller<Boolean> closing = Caller.of(() -> {
                pool.close();
                return true;
            });
            closing.awaitWaiting();

            gate.countDown();
            second.cancel(true);

            assertThat(closing.result()).isTrue();
            assertThat(first).isCompleted();
        }
    }

    @Test
    void closeEndsEveryWorker() throws Exception {
        Set<Thread> workers = ConcurrentHashMap.newKeySet();
        try (var pool = pools.of(3)) {
            var all = new CyclicBarrier(3);
            pool.map(_ -> {
                all.await();
                return workers.add(Thread.currentThread());
            }, List.of(1, 2, 3));
        }

        assertThat(workers).hasSize(3);
        for (Thread worker : workers) {
            worker.join();
        }
    }

    @Test
    void anInterruptedCloseTerminatesWithoutWaitingAndKeepsTheInterrupt() throws Exception {
        var pool = pools.of(1);
        var gate = new CountDownLatch(1);
        var future = onceRunning(pool, () -> ignoreInterrupts(gate));
        Caller<Boolean> closing = Caller.of(() -> {
            pool.close();
            return Thread.currentThread().isInterrupted();
        });
        closing.awaitWaiting();

        closing.interrupt();

        assertThat(closing.result()).isTrue();
        assertThat(future).isCancelled();
        gate.countDown();
        pool.close();
    }

    @ParameterizedTest
    @EnumSource
    void aClosedPoolRefusesEveryMember(Member member) {
        var pool = pools.of(1);
        pool.close();
        pool.close();

        for (List<Integer> items : List.of(List.of(1), List.<Integer>of())) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> member.call(pool, item -> item, items))
                    .withMessage("the pool is closed");
        }
    }

    /// The second thread is made between two submissions of one call.
    @ParameterizedTest
    @EnumSource
    void aCallThatIsStartingWhenItsPoolIsClosedIsRefusedAndLeavesNothingRunning(Member member)
            throws Exception {
        var made = new AtomicInteger();
        var closing = new CompletableFuture<Caller<Boolean>>();
        var owner = new CompletableFuture<ThreadPool>();
        ThreadFactory factory = work -> {
            if (made.incrementAndGet() == 2) {
                closing.complete(Caller.of(() -> {
                    owner.join().close();
                    return true;
                }));
                closing.join().awaitWaiting();
            }
            return pools.thread(work);
        };
        var pool = new ThreadPool(2, factory);
        owner.complete(pool);

        assertThatIllegalStateException()
                .isThrownBy(() -> member.call(pool, _ -> new CompletableFuture<Integer>().get(),
                        List.of(1, 2, 3)))
                .withMessage("the pool is closed");
        assertThat(closing.join().result()).isTrue();
    }
}

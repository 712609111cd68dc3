package com.example.threading.poolmap;

import static com.example.threading.poolmap.Tasks.besideAFailure;
import static com.example.threading.poolmap.Tasks.forEver;
import static com.example.threading.poolmap.Tasks.ignoreInterrupts;
import static com.example.threading.poolmap.Tasks.onceRunning;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.example.threading.common.Caller;
import com.example.threading.common.NoLeaks;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What `terminate` does to those who wait for a call, to the workers, and to what depends on futures.
@ExtendWith(NoLeaks.class)
@ParameterizedClass
@EnumSource(Pools.class)
class TerminationTest {

    private final Pools pools;

    TerminationTest(Pools pools) {
        this.pools = pools;
    }

    @ParameterizedTest
    @EnumSource
    void terminateGivesEveryWaiterACancellationAtOnce(Member member) throws Exception {
        var pool = pools.of(1);
        var running = new CountDownLatch(1);
        var gate = new CountDownLatch(1);
        Caller<?> served = Caller.of(() -> member.call(pool, _ -> {
            running.countDown();
            return ignoreInterrupts(gate);
        }, List.of(1)));
        running.await();
        Caller<?> queued = Caller.of(() -> member.call(pool, item -> item, List.of(1)));
        queued.awaitWaiting();

        pool.terminate();

        assertThat(List.of(served, queued)).allSatisfy(caller -> assertThat(caller.failure())
                .isExactlyInstanceOf(CancellationException.class)
                .hasMessage("the pool was terminated"));
        gate.countDown();
        pool.close();
    }

    @Test
    void terminateInterruptsTheWorkersAndDropsTheQueue() throws Exception {
        var pool = pools.of(1);
        var running = new CountDownLatch(1);
        var started = new AtomicInteger();
        var served = pool.mapAsync(_ -> {
            started.incrementAndGet();
            running.countDown();
            return forEver();
        }, List.of(1, 2));
        var queued = pool.mapAsync(_ -> started.incrementAndGet(), List.of(1));
        running.await();

        pool.terminate();
        pool.close();

        assertThat(started).hasValue(1);
        assertThat(List.of(served, queued)).allSatisfy(
                future -> assertThat(future).isCancelled());
    }

    @ParameterizedTest
    @EnumSource
    void aFailureBeforeTheTerminationArrivesUnchanged(Member member) throws Exception {
        var pool = pools.of(2);
        var thrown = new IOException();
        var failureIsKnown = new CountDownLatch(1);
        var gate = new CountDownLatch(1);
        Caller<?> caller = Caller.of(() -> member.call(pool,
                besideAFailure(thrown, failureIsKnown, gate), List.of(0, 1)));
        failureIsKnown.await();

        pool.terminate();

        Throwable failure = caller.failure();
        gate.countDown();
        pool.close();
        assertThat(failure).isSameAs(thrown).hasNoSuppressedExceptions();
    }

    @Test
    void aCallThatComesWhileThePoolTerminatesIsRefused() throws Exception {
        var pool = pools.of(1);
        var busy = onceRunning(pool, Tasks::forEver);
        CompletableFuture<Throwable> refusal = pool.mapAsync(item -> item, List.of(1))
                .handle((_, _) -> catchThrowable(() -> pool.mapAsync(item -> item, List.of(1))));

        pool.terminate();
        pool.close();

        assertThat(refusal.join()).isInstanceOf(IllegalStateException.class)
                .hasMessage("the pool is closed");
        assertThat(busy).isCancelled();
    }

    /// Nobody would end a call that came after the calls to end were counted.
    @Test
    void aCallThatComesWhileTheWorkersAreInterruptedIsRefused() throws Exception {
        var owner = new CompletableFuture<ThreadPool>();
        var refusal = new CompletableFuture<Throwable>();
        try (var pool = new ThreadPool(1, work -> new Thread(work) {
            @Override
            public void interrupt() {
                refusal.complete(catchThrowable(
                        () -> owner.join().mapAsync(item -> item, List.of(1))));
                super.interrupt();
            }
        })) {
            owner.complete(pool);
            var busy = onceRunning(pool, Tasks::forEver);

            pool.terminate();

            assertThat(refusal.join()).isInstanceOf(IllegalStateException.class)
                    .hasMessage("the pool is closed");
            assertThat(busy).isCancelled();
        }
    }

    /// The worker that is freed first would take the task of a call that is not yet cancelled. The
    /// more calls there are, the surer.
    @Test
    void aWorkerThatIsFreedByTheTerminationStartsNothingMore() throws Exception {
        var started = new AtomicInteger();
        var pool = pools.of(1);
        var busy = onceRunning(pool, Tasks::forEver);
        var queued = Stream.generate(() -> pool.mapAsync(_ -> started.incrementAndGet(),
                List.of(1))).limit(1000).toList();

        pool.terminate();
        pool.close();

        assertThat(started).hasValue(0);
        assertThat(busy).isCancelled();
        assertThat(queued).allSatisfy(future -> assertThat(future).isCancelled());
    }

    /// The worker may be quicker than the caller, who is still handing out tasks then.
    @Test
    void aWorkerMayTerminateItsPool() {
        for (int i = 0; i < 100; i++) {
            var pool = pools.of(2);

            assertThatExceptionOfType(CancellationException.class)
                    .isThrownBy(() -> pool.map(_ -> {
                        pool.terminate();
                        return forEver();
                    }, List.of(1, 2, 3)))
                    .withMessage("the pool was terminated");
            pool.close();
        }
    }

    // What depends on a future

    /// What depends on a future runs in the thread that terminates the pool. Which of the calls that
    /// thread comes to first is chance.
    @Test
    void aSlowDependantOfAFutureHoldsUpNobodyWhoWaits() throws Exception {
        var pool = pools.of(1);
        var gate = new CountDownLatch(1);
        var busy = onceRunning(pool, () -> ignoreInterrupts(gate));
        Caller<?> waiter = Caller.of(() -> pool.map(item -> item, List.of(1)));
        waiter.awaitWaiting();
        var dependants = Stream.generate(() -> pool.mapAsync(item -> item, List.of(1))
                .handle((_, _) -> waiter.failure())).limit(10).toList();

        pool.terminate();

        assertThat(dependants).allSatisfy(dependant -> assertThat(dependant.join())
                .isInstanceOf(CancellationException.class));
        gate.countDown();
        pool.close();
        assertThat(busy).isCancelled();
    }

    @Test
    void dependentsOfOneFutureMayCancelAnotherWhileThePoolTerminates() throws Exception {
        var pool = pools.of(2);
        var bothRun = new CountDownLatch(2);
        List<CompletableFuture<List<Integer>>> futures = Stream.generate(
                () -> pool.<Integer, Integer>mapAsync(_ -> {
                    bothRun.countDown();
                    return forEver();
                }, List.of(1))).limit(2).toList();
        var dependents = futures.stream()
                .map(future -> future.handle((_, _) -> futures.stream()
                        .map(other -> other.cancel(true)).toList()))
                .toList();
        bothRun.await();

        pool.terminate();
        pool.close();

        assertThat(dependents).allSatisfy(dependent -> assertThat(dependent).isCompleted());
    }

    /// Which of the two is cancelled first is chance.
    @Test
    void whatDependsOnAQueuedFutureMayWaitForARunningOneWhileThePoolTerminates() throws Exception {
        for (int i = 0; i < 10; i++) {
            var pool = pools.of(1);
            var busy = onceRunning(pool, Tasks::forEver);
            var dependent = pool.mapAsync(item -> item, List.of(1))
                    .handle((_, _) -> catchThrowable(busy::join));

            pool.terminate();
            pool.close();

            assertThat(dependent.join()).isInstanceOf(CancellationException.class);
        }
    }
}

package com.example.threading.poolmap;

import static com.example.threading.poolmap.Tasks.awaitUnchecked;
import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.threading.common.Caller;
import com.example.threading.common.NoLeaks;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// How a call ends, on an executor without a pool: what a pool does not let a test see.
@ExtendWith(NoLeaks.class)
class CallTest {

    private final BlockingQueue<Throwable> uncaught = new LinkedBlockingQueue<>();

    @Test
    void aCallEndsThoughThereIsNoMemoryLeftToWithdrawItsTasks() throws Exception {
        var failure = new IOException();
        var queue = new QueueWithoutMemory();
        try (var executor = executor(2, queue); var _ = occupied(executor, 1)) {
            var call = new MapCall<Integer, Integer>(executor, _ -> {}, _ -> {
                queue.oneWaits.await();
                throw failure;
            }, List.of(1, 2));

            assertThatThrownBy(call::join).isSameAs(failure);

            assertThat(uncaught.take()).isSameAs(queue.noMemory);
        }
    }

    @Test
    void aFutureCompletesThoughThereIsNoMemoryLeftToWithdrawItsTasks() throws Exception {
        var failure = new IOException();
        var queue = new QueueWithoutMemory();
        try (var executor = executor(2, queue); var _ = occupied(executor, 1)) {
            var future = new MapCall<Integer, Integer>(executor, _ -> {}, _ -> {
                queue.oneWaits.await();
                throw failure;
            }, List.of(1, 2)).start();

            assertThat(future.handle((_, thrown) -> thrown).join()).isSameAs(failure);

            assertThat(uncaught.take()).isSameAs(queue.noMemory);
        }
    }

    @Test
    void aReaderIsWokenThoughThereIsNoMemoryLeftToWithdrawItsItems() throws Exception {
        var queue = new QueueWithoutMemory();
        try (var executor = executor(1, queue); var _ = occupied(executor, 1)) {
            Stream<Integer> results = new LazyCall<Integer, Integer>(
                    executor, _ -> {}, () -> {}, i -> i, List.of(1), true).stream();
            var reading = Caller.of(results.iterator()::next);
            reading.awaitWaiting();

            assertThatThrownBy(results::close).isSameAs(queue.noMemory);

            assertThat(reading.failure()).isInstanceOf(CancellationException.class);
        }
    }

    /// By this the pool drops the call.
    @Test
    void whoMadeACallIsToldOnceOfItsEnd() throws Exception {
        var told = new ArrayList<Call>();
        try (var executor = executor(2, new LinkedBlockingQueue<>())) {
            var call = new MapCall<Integer, Integer>(executor, told::add, i -> i, List.of(1, 2));

            assertThat(call.join()).containsExactly(1, 2);

            assertThat(told).containsExactly(call);
        }
    }

    /// Task by task, a call with a million workers would take hours to end.
    @Test
    void theTasksOfACallAreWithdrawnInOnePassOverTheQueue() {
        var queue = new CountingQueue();
        try (var executor = executor(3, queue); var _ = occupied(executor, 3)) {
            var future = new MapCall<Integer, Integer>(
                    executor, _ -> {}, i -> i, List.of(1, 2, 3)).start();
            assertThat(queue).hasSize(3);

            future.cancel(true);

            assertThat(queue).isEmpty();
            assertThat(queue.passes).isEqualTo(1);
        }
    }

    private ThreadPoolExecutor executor(int workers, BlockingQueue<Runnable> queue) {
        return new ThreadPoolExecutor(workers, workers, 0, NANOSECONDS, queue,
                Thread.ofPlatform().name("worker-", 1)
                        .uncaughtExceptionHandler((_, thrown) -> uncaught.add(thrown)).factory());
    }

    /// Some workers that are busy until this is closed.
    private static Occupied occupied(ThreadPoolExecutor executor, int workers) {
        var gate = new CountDownLatch(1);
        for (int i = 0; i < workers; i++) {
            executor.execute(() -> awaitUnchecked(gate));
        }
        return gate::countDown;
    }

    private interface Occupied extends AutoCloseable {
        @Override
        void close();
    }

    /// As if there were no memory left to remove anything.
    private static final class QueueWithoutMemory extends LinkedBlockingQueue<Runnable> {
        private static final long serialVersionUID = 1;

        private final OutOfMemoryError noMemory = new OutOfMemoryError();
        private final transient CountDownLatch oneWaits = new CountDownLatch(1);

        @Override
        public boolean offer(Runnable task) {
            boolean offered = super.offer(task);
            oneWaits.countDown();
            return offered;
        }

        @Override
        public boolean removeAll(Collection<?> tasks) {
            throw noMemory;
        }
    }

    /// Counts how often it is searched for something to remove.
    private static final class CountingQueue extends LinkedBlockingQueue<Runnable> {
        private static final long serialVersionUID = 1;

        private int passes;

        @Override
        public boolean remove(Object task) {
            passes++;
            return super.remove(task);
        }

        @Override
        public boolean removeAll(Collection<?> tasks) {
            passes++;
            return super.removeAll(tasks);
        }
    }
}

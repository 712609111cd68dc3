package com.example.threading.poolmap;

import static com.example.threading.poolmap.Tasks.awaitUnchecked;
import static com.example.threading.poolmap.Tasks.ignoreInterrupts;
import static com.example.threading.poolmap.Tasks.onceRunning;
import static com.example.threading.poolmap.Zip.repeat;
import static com.google.common.base.Preconditions.checkState;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.example.threading.common.Caller;
import com.example.threading.common.NoLeaks;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a pool does not hold when a call is over.
@ExtendWith(NoLeaks.class)
@ParameterizedClass
@EnumSource(Pools.class)
class MemoryTest {

    private final Pools pools;

    MemoryTest(Pools pools) {
        this.pools = pools;
    }

    @ParameterizedTest
    @EnumSource
    void neitherItemsNorResultsAreHeldAfterTheCall(Member member) throws Exception {
        try (var pool = pools.of(2)) {
            awaitCleared(callWithObjects(pool, member));
        }
    }

    private static List<WeakReference<?>> callWithObjects(ThreadPool pool, Member member)
            throws Exception {
        List<Object> items = Stream.generate(Object::new).limit(4).toList();
        List<Object> results = member.call(pool, _ -> new Object(), items);
        return Stream.concat(items.stream(), results.stream())
                .<WeakReference<?>>map(WeakReference::new)
                .toList();
    }

    @Test
    void aCancelledCallHoldsNoItemsThoughItsWorkerIsBusyWithAnother() throws Exception {
        try (var pool = pools.of(1)) {
            var gate = new CountDownLatch(1);
            var busy = onceRunning(pool, () -> ignoreInterrupts(gate));

            awaitCleared(List.of(cancelACall(pool)));

            gate.countDown();
            assertThat(busy.join()).containsExactly(0);
        }
    }

    private static WeakReference<?> cancelACall(ThreadPool pool) {
        Object item = new Object();
        assertThat(pool.mapAsync(i -> i, List.of(item)).cancel(true)).isTrue();
        return new WeakReference<>(item);
    }

    @Test
    void anAbandonedStreamIsCollected() throws Exception {
        try (var pool = pools.of(2)) {
            awaitCleared(List.of(new WeakReference<>(abandonAStream(pool))));
        }
    }

    private static Object abandonAStream(ThreadPool pool) throws Exception {
        Object item = new Object();
        assertThat(pool.imap(i -> i, repeat(item)).iterator().next()).isSameAs(item);
        return item;
    }

    /// The second thread is made between two submissions of one call, and another call takes every
    /// worker meanwhile: what is submitted after that comes too late to be of use.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatACallLeavesOnTheQueueHoldsNoItems(boolean failing) throws Exception {
        var made = new AtomicInteger();
        var othersRun = new CountDownLatch(2);
        var gate = new CountDownLatch(1);
        var owner = new CompletableFuture<ThreadPool>();
        ThreadFactory factory = work -> {
            if (made.incrementAndGet() == 2) {
                Caller.of(() -> owner.join().map(_ -> {
                    othersRun.countDown();
                    gate.await();
                    return 0;
                }, List.of(1, 2, 3)));
                awaitUnchecked(othersRun);
            }
            return pools.thread(work);
        };
        try (var pool = new ThreadPool(3, factory)) {
            owner.complete(pool);

            awaitCleared(mapObjects(pool, failing));

            assertThat(gate.getCount()).isEqualTo(1);
            gate.countDown();
        }
    }

    private static List<WeakReference<?>> mapObjects(ThreadPool pool, boolean failing)
            throws InterruptedException {
        List<Object> items = Stream.generate(Object::new).limit(3).toList();
        try {
            pool.map(item -> {
                checkState(!failing);
                return item;
            }, items);
        } catch (IllegalStateException _) {
            assertThat(failing).isTrue();
        }
        return items.stream().<WeakReference<?>>map(WeakReference::new).toList();
    }

    static void awaitCleared(List<WeakReference<?>> references) {
        await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5)).until(() -> {
            System.gc();
            return references.stream().allMatch(reference -> reference.get() == null);
        });
    }
}

package com.example.threading.cluster;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.example.threading.poolmap.ThreadPool;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Whatever ends a call here interrupts the threads that work for it on the members.
@Timeout(120)
class InterruptsTravelTest {

    private static final int SLOTS = 12;
    private static final List<Integer> ITEMS = IntStream.range(0, 100).boxed().toList();

    // What the functions, which are static and run in this JVM, share with the tests.
    private static CountDownLatch started = new CountDownLatch(0);
    private static CountDownLatch released = new CountDownLatch(0);
    private static final AtomicInteger running = new AtomicInteger();
    private static final AtomicInteger interrupted = new AtomicInteger();

    private static Cluster cluster;

    @AutoClose
    private final ThreadPool pool = ThreadPool.ofVirtualThreads(SLOTS);

    @BeforeAll
    @Timeout(120)
    static void start() {
        cluster = Cluster.embedded(3, 4);
    }

    @AfterAll
    static void end() {
        cluster.close();
    }

    @BeforeEach
    void forget() {
        started = new CountDownLatch(SLOTS);
        released = new CountDownLatch(1);
        running.set(0);
        interrupted.set(0);
    }

    /// Without an interrupt nothing else would end what a failed test left running.
    @AfterEach
    void release() {
        released.countDown();
    }

    private static int waitForAnInterrupt(int item) throws InterruptedException {
        running.incrementAndGet();
        started.countDown();
        try {
            released.await();
            return item;
        } catch (InterruptedException e) {
            interrupted.incrementAndGet();
            throw e;
        } finally {
            running.decrementAndGet();
        }
    }

    private static int failBesideTheOthers(int item) throws IOException, InterruptedException {
        if (item > 0) {
            return waitForAnInterrupt(item);
        }
        started.countDown();
        started.await();
        throw new IOException("no more");
    }

    @Test
    void aFailureInterruptsItsSiblingsOnTheMembers() {
        assertThatExceptionOfType(IOException.class).isThrownBy(
                () -> pool.map(cluster.remotely(InterruptsTravelTest::failBesideTheOthers), ITEMS));

        await().atMost(30, SECONDS)
                .untilAsserted(() -> assertThat(interrupted).hasValue(SLOTS - 1));
    }

    @Test
    void anInterruptOfTheCallerDoesSoToo() throws Exception {
        var call = new FutureTask<>(
                () -> pool.map(cluster.remotely(InterruptsTravelTest::waitForAnInterrupt), ITEMS));
        Thread caller = Thread.ofPlatform().start(call);
        started.await();
        caller.interrupt();

        assertThatThrownBy(call::get).isInstanceOf(ExecutionException.class)
                .hasCauseExactlyInstanceOf(InterruptedException.class);
        await().atMost(30, SECONDS).untilAsserted(() -> assertThat(interrupted).hasValue(SLOTS));
    }

    @Test
    void aTimeOutDoesSoToo() throws Exception {
        var results = pool.mapAsync(cluster.remotely(InterruptsTravelTest::waitForAnInterrupt),
                ITEMS);
        started.await();

        assertThatThrownBy(results.orTimeout(1, MILLISECONDS)::join)
                .isInstanceOf(CompletionException.class)
                .hasCauseExactlyInstanceOf(TimeoutException.class);
        await().atMost(30, SECONDS).untilAsserted(() -> assertThat(interrupted).hasValue(SLOTS));
    }

    /// The cancel of an item that has just been sent must not overtake it. With the default
    /// settings of the members, some five of two hundred rounds left an item running.
    @Test
    void noInterruptIsLostHoweverEarlyItComes() {
        for (int round = 0; round < 100; round++) {
            assertThatExceptionOfType(IOException.class).isThrownBy(
                    () -> pool.map(cluster.remotely(InterruptsTravelTest::failAtOnce),
                            ITEMS.subList(0, SLOTS)));
            await().atMost(30, SECONDS).pollInterval(1, MILLISECONDS).pollDelay(0, MILLISECONDS)
                    .untilAsserted(() -> assertThat(running).hasValue(0));
        }
    }

    private static int failAtOnce(int item) throws IOException, InterruptedException {
        if (item == 0) {
            throw new IOException("at once");
        }
        return waitForAnInterrupt(item);
    }

    @Test
    void afterwardsEverySlotIsUsable() throws Exception {
        assertThatExceptionOfType(IOException.class).isThrownBy(
                () -> pool.map(cluster.remotely(InterruptsTravelTest::failBesideTheOthers), ITEMS));

        EverySlot.isUsable(cluster, pool);
    }
}

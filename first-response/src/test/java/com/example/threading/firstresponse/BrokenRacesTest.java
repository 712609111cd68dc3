package com.example.threading.firstresponse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.example.threading.common.NoLeaks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The harm that the wrong ways do, each beside the right way.
@ExtendWith(NoLeaks.class)
class BrokenRacesTest {

    @Test
    void thePythonProgramWaitsForEverWhenAllFail() throws Exception {
        var failing = List.of(new CompletableFuture<Thread>(), new CompletableFuture<Thread>());
        List<Callable<String>> competitors = failing.stream().map(BrokenRacesTest::failing)
                .toList();

        Thread caller = Thread.ofVirtual().unstarted(() -> {
            try {
                BrokenQueueRace.race(competitors);
            } catch (InterruptedException e) {
                // The only way out of there, and this test takes it.
                Thread.currentThread().interrupt();
            }
        });
        caller.start();
        for (CompletableFuture<Thread> thread : failing) {
            thread.get().join();
        }
        Awaitility.await().dontCatchUncaughtExceptions().pollDelay(Duration.ZERO)
                .until(() -> caller.getState() == Thread.State.WAITING);

        // Everybody who could put something on the queue has ended, and the caller waits for it.
        caller.interrupt();
        assertThat(caller.join(Duration.ofSeconds(20))).isTrue();
        assertThatExceptionOfType(FirstResponse.AllFailedException.class)
                .isThrownBy(() -> FirstResponse.<String>of(competitors).get());
    }

    private static Callable<String> failing(CompletableFuture<Thread> thread) {
        return () -> {
            thread.complete(Thread.currentThread());
            throw new IOException("refused");
        };
    }

    @Test
    void anyOfIsWonByAFailure() throws Exception {
        var gate = new CountDownLatch(1);
        Supplier<String> refused = () -> {
            throw new UncheckedIOException(new IOException("refused"));
        };
        Supplier<String> working = () -> {
            await(gate);
            return "the answer";
        };

        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(() -> BrokenAnyOf.race(List.of(refused, working)))
                .havingRootCause().withMessage("refused");
        gate.countDown();

        assertThat(FirstResponse.of(refused::get, working::get).get()).isEqualTo("the answer");
    }

    private static void await(CountDownLatch gate) {
        try {
            gate.await();
        } catch (InterruptedException e) {
            throw new CompletionException(e);
        }
    }
}

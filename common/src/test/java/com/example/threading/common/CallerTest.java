package com.example.threading.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class CallerTest {
    private final CountDownLatch latch = new CountDownLatch(1);
    private final Callable<String> waiting = () -> {
        latch.await();
        return "opened";
    };

    @Test
    void aCallThatWaitsIsSeenToWaitAndToEnd() throws Exception {
        Caller<String> caller = Caller.of(waiting);
        caller.awaitWaiting();
        assertThat(caller.isDone()).isFalse();

        latch.countDown();

        assertThat(caller.result()).isEqualTo("opened");
        assertThat(caller.isDone()).isTrue();
        assertThatThrownBy(caller::failure).hasStackTraceContaining("the call returned opened");
        caller.thread().join();
        assertThatThrownBy(caller::awaitWaiting).isInstanceOf(AssertionError.class)
                .hasMessageContaining("has ended");
    }

    @Test
    void aCallCanBeInterrupted() {
        Caller<String> caller = Caller.of(waiting);
        caller.awaitWaiting();

        caller.interrupt();

        assertThat(caller.failure()).isInstanceOf(InterruptedException.class);
    }

    @Test
    void whatACallThrowsIsKeptUnchanged() {
        var boom = new IOException("boom");

        Caller<String> caller = Caller.of(() -> {
            throw boom;
        });

        assertThat(caller.failure()).isSameAs(boom);
        assertThatThrownBy(caller::result).isInstanceOf(CompletionException.class).hasCause(boom);
    }

    @Test
    void aFailureMayEqualAllOfItsKind() {
        assertThat(new EqualToAllOfItsKind("one")).isEqualTo(new EqualToAllOfItsKind("other"))
                .hasSameHashCodeAs(new EqualToAllOfItsKind("other"))
                .isNotEqualTo(new Error("one"));
    }
}

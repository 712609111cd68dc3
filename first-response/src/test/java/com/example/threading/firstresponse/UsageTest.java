package com.example.threading.firstresponse;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import com.example.threading.common.NoLeaks;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The lines that this module's page shows, at work.
@ExtendWith(NoLeaks.class)
class UsageTest {

    private final Callable<String> primary = () -> "the page";
    private final Callable<String> mirror = () -> {
        new CountDownLatch(1).await();
        return "never";
    };
    private final Callable<String> broken = () -> {
        throw new IOException("refused");
    };

    private static String fetch(Callable<String> from) throws Exception {
        return from.call();
    }

    // tag::invokeAny[]
    String firstAnswer() throws Exception {
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            return pool.invokeAny(List.of(
                    () -> fetch(primary),
                    () -> fetch(mirror)));
        }
    }
    // end::invokeAny[]

    @Test
    void invokeAny() throws Exception {
        assertThat(firstAnswer()).isEqualTo("the page");
    }

    @Test
    void race() throws Exception {
        // tag::race[]
        String body = FirstResponse.of(
                () -> fetch(primary),
                () -> fetch(mirror)).get();
        // end::race[]

        assertThat(body).isEqualTo("the page");
    }

    @Test
    void hedge() throws Exception {
        var mirrors = List.of(broken, primary, mirror);
        // tag::hedge[]
        String body = FirstResponse.of(mirrors)
                .staggeredBy(ofMillis(50))
                .within(ofSeconds(2))
                .get();
        // end::hedge[]

        assertThat(body).isEqualTo("the page");
    }
}

package com.example.threading.poolmap;

import static com.example.threading.poolmap.Tasks.forEver;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.example.threading.common.Caller;
import com.example.threading.common.NoLeaks;
import com.example.threading.poolmap.Outcome.Failure;
import com.example.threading.poolmap.Outcome.Success;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What the recipes of the module's page do that limit time, retry, or limit a rate.
@ExtendWith(NoLeaks.class)
class TimeRecipesTest {

    private static final URI A = URI.create("http://a.invalid/");
    private static final URI B = URI.create("http://b.invalid/");
    private static final URI C = URI.create("http://c.invalid/");
    private static final Duration SHORT = Duration.ofMillis(20);
    private static final Duration LONG = Duration.ofHours(1);

    @AutoClose
    private final ThreadPool pool = new ThreadPool(2);

    private final CountDownLatch runs = new CountDownLatch(1);
    private final CountDownLatch interrupted = new CountDownLatch(1);

    // Time limits

    @Test
    void aMapThatIsInTimeReturnsItsResults() throws Exception {
        assertThat(recipes(TimeRecipesTest::page).allWithin(LONG, List.of(A, B)))
                .containsExactly("page of a", "page of b");
    }

    @Test
    void aMapThatIsLateIsInterrupted() throws Exception {
        Recipes recipes = recipes(this::untilInterrupted);

        assertThatExceptionOfType(TimeoutException.class)
                .isThrownBy(() -> recipes.allWithin(SHORT, List.of(A)));
        interrupted.await();
    }

    @Test
    void anInterruptOfItsCallerInterruptsAMapWithALimit() throws Exception {
        Caller<?> caller = Caller.of(() -> recipes(this::untilInterrupted)
                .allWithin(LONG, List.of(A)));
        runs.await();

        caller.interrupt();

        assertThat(caller.failure()).isExactlyInstanceOf(InterruptedException.class);
        interrupted.await();
    }

    @Test
    void anItemThatIsLateIsInterruptedAndTheOthersGoOn() throws Exception {
        List<Outcome<URI, String>> outcomes = recipes(
                url -> url.equals(B) ? untilInterrupted(url) : page(url))
                .eachWithin(Duration.ofMillis(500), List.of(A, B, C));

        assertThat(outcomes).extracting(Outcome::item).containsExactly(A, B, C);
        assertThat(outcomes.get(0)).isEqualTo(new Success<>(A, "page of a"));
        assertThat(outcomes.get(1)).isInstanceOfSatisfying(Failure.class, failure -> assertThat(
                failure.exception()).isInstanceOf(TimeoutException.class));
        assertThat(outcomes.get(2)).isEqualTo(new Success<>(C, "page of c"));
        interrupted.await();
    }

    @Test
    void aFailureWithinItsLimitIsTheCauseOfTheOutcomesException() throws Exception {
        Recipes recipes = recipes(_ -> {
            throw new IOException();
        });

        assertThat(recipes.eachWithin(LONG, List.of(A)).getFirst())
                .isInstanceOfSatisfying(Failure.class, failure -> assertThat(failure.exception())
                        .isInstanceOf(ExecutionException.class)
                        .hasCauseInstanceOf(IOException.class));
    }

    @Test
    void anInterruptOfTheCallerInterruptsItemsWithALimit() throws Exception {
        Caller<?> caller = Caller.of(() -> recipes(this::untilInterrupted)
                .eachWithin(LONG, List.of(A)));
        runs.await();

        caller.interrupt();

        assertThat(caller.failure()).isExactlyInstanceOf(InterruptedException.class);
        interrupted.await();
    }

    // Retries and rates

    @Test
    void aFetchThatFailsIsRetriedThreeTimes() {
        var attempts = new AtomicInteger();
        Recipes recipes = new Recipes(pool, url -> {
            throw new IOException("attempt " + attempts.incrementAndGet());
        }, Duration.ofMillis(1));

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> pool.map(recipes::retry, List.of(A)))
                .withMessage("attempt 4");
    }

    @Test
    void aRetryThatSucceedsIsAResult() throws Exception {
        var attempts = new AtomicInteger();
        Recipes recipes = new Recipes(pool, url -> {
            if (attempts.incrementAndGet() < 4) {
                throw new IOException();
            }
            return page(url);
        }, Duration.ofMillis(1));

        assertThat(pool.map(recipes::retry, List.of(A))).containsExactly("page of a");
    }

    @Test
    void anInterruptEndsThePauseBeforeARetry() throws Exception {
        var attempts = new AtomicInteger();
        Recipes recipes = new Recipes(pool, url -> {
            attempts.incrementAndGet();
            runs.countDown();
            throw new IOException();
        }, LONG);
        Caller<?> caller = Caller.of(() -> pool.map(recipes::retry, List.of(A)));
        runs.await();

        caller.interrupt();

        assertThat(caller.failure()).isExactlyInstanceOf(InterruptedException.class);
        assertThat(attempts).hasValue(1);
    }

    @Test
    void aRateLimitKeepsItsRate() throws Exception {
        long start = System.nanoTime();

        assertThat(recipes(TimeRecipesTest::page).atMostPerSecond(50, Collections.nCopies(6, A)))
                .hasSize(6);

        // Five pauses of 20 ms; a lower bound, which a slow machine cannot break.
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isGreaterThanOrEqualTo(Duration.ofMillis(99));
    }

    @Test
    void afterAnInterruptNothingIsFetchedAtALimitedRate() throws Exception {
        var fetched = new AtomicInteger();
        Recipes recipes = recipes(url -> {
            fetched.incrementAndGet();
            return untilInterrupted(url);
        });
        // One a second: while a worker fetches, the other waits for its turn.
        Caller<?> caller = Caller.of(() -> recipes.atMostPerSecond(1, List.of(A, B)));
        runs.await();

        int before = fetched.get();
        caller.interrupt();

        assertThat(caller.failure()).isExactlyInstanceOf(InterruptedException.class);
        assertThat(fetched).hasValue(before);
    }

    private Recipes recipes(InterruptibleFunction<URI, String, IOException> fetch) {
        return new Recipes(pool, fetch, LONG);
    }

    private static String page(URI url) {
        return "page of " + url.getHost().charAt(0);
    }

    private String untilInterrupted(URI url) throws InterruptedException {
        runs.countDown();
        try {
            return page(url) + forEver();
        } finally {
            interrupted.countDown();
        }
    }
}

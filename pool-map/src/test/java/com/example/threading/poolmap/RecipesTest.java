package com.example.threading.poolmap;

import static com.example.threading.poolmap.Tasks.forEver;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.example.threading.common.Caller;
import com.example.threading.common.NoLeaks;
import com.example.threading.poolmap.Outcome.Failure;
import com.example.threading.poolmap.Outcome.Success;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What each recipe of the module's page does.
@ExtendWith(NoLeaks.class)
class RecipesTest {

    private static final URI A = URI.create("http://a.invalid/");
    private static final URI B = URI.create("http://b.invalid/");
    private static final URI C = URI.create("http://c.invalid/");
    private static final Duration SHORT = Duration.ofMillis(20);
    private static final Duration LONG = Duration.ofHours(1);

    @AutoClose
    private final ThreadPool pool = new ThreadPool(2);

    /// The fetch that ends only by an interrupt tells so here.
    private final CountDownLatch runs = new CountDownLatch(1);
    private final CountDownLatch interrupted = new CountDownLatch(1);

    // All results and all failures

    @Test
    void resultsAndFailuresAreKeptWithTheirItems() throws Exception {
        var pages = new HashMap<URI, String>();
        var failures = new HashMap<URI, Exception>();

        recipes(RecipesTest::unlessB).sort(List.of(A, B, C), pages, failures);

        assertThat(pages).isEqualTo(Map.of(A, "page of a", C, "page of c"));
        assertThat(failures).containsOnlyKeys(B);
        assertThat(failures.get(B)).hasMessage("no b");
    }

    @Test
    void progressCountsUpWhileFailuresAreCollected() throws Exception {
        var out = new ByteArrayOutputStream();

        List<Failure<URI, String>> failures = recipes(RecipesTest::unlessB).failures(
                List.of(A, B, C), new PrintStream(out, true, StandardCharsets.UTF_8));

        assertThat(failures).extracting(Failure::item).containsExactly(B);
        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualTo("\r1 of 3\r2 of 3\r3 of 3");
    }

    // Time limits

    @Test
    void aMapThatIsInTimeReturnsItsResults() throws Exception {
        assertThat(recipes(RecipesTest::page).allWithin(LONG, List.of(A, B)))
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
        assertThat(recipes(RecipesTest::unlessB).eachWithin(LONG, List.of(B)).getFirst())
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

        assertThat(recipes(RecipesTest::page).atMostPerSecond(50, Collections.nCopies(6, A)))
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

    // The caller's context

    @Test
    void aScopedValueOfTheCallerIsSeenByTheWorkers() throws Exception {
        Recipes recipes = recipes(url -> Recipes.TENANT.get() + " " + page(url));

        assertThat(ScopedValue.where(Recipes.TENANT, "acme")
                .call(() -> recipes.asTenant(List.of(A, B))))
                .containsExactly("acme page of a", "acme page of b");
    }

    @Test
    void aThreadLocalOfTheCallerIsSeenByTheWorkersAndDoesNotStayThere() throws Exception {
        Recipes.USER.set("ann");
        try {
            assertThat(recipes(url -> Recipes.USER.get() + " " + page(url))
                    .asUser(Collections.nCopies(10, A))).containsOnly("ann page of a");
        } finally {
            Recipes.USER.remove();
        }

        assertThat(pool.map(_ -> Recipes.USER.get() == null, Collections.nCopies(10, A)))
                .containsOnly(true);
    }

    // Results that must be closed

    @Test
    void whatWasOpenedIsClosedWhenAnotherItemFails() {
        var open = new AtomicInteger();
        var twoAreOpen = new CountDownLatch(2);

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> recipes(RecipesTest::page).connectAll(host -> {
                    if (host.equals(C)) {
                        twoAreOpen.await();
                        throw new IOException("no c");
                    }
                    open.incrementAndGet();
                    twoAreOpen.countDown();
                    return open::decrementAndGet;
                }, List.of(A, B, C)))
                .withMessage("no c");

        assertThat(twoAreOpen.getCount()).isZero();
        assertThat(open).hasValue(0);
    }

    @Test
    void whatWasOpenedStaysOpenWhenNoItemFails() throws Exception {
        var closed = new AtomicBoolean();

        assertThat(recipes(RecipesTest::page).connectAll(_ -> () -> closed.set(true),
                List.of(A, B))).hasSize(2);

        assertThat(closed).isFalse();
    }

    // More than a list, and more than one exception

    @Test
    void anArrayAStreamAndARangeAreInputsToo() throws Exception {
        List<Integer> lengths = recipes(RecipesTest::page).lengths(new String[]{"a", "bb"},
                Stream.of("ccc"));

        assertThat(lengths).hasSize(103).startsWith(1, 2, 3, 0, 1, 1, 2);
    }

    @Test
    void twoKindsOfCheckedExceptionsArriveAsTheyAre() {
        Recipes recipes = recipes(RecipesTest::page);
        for (Exception thrown : List.of(new IOException(), new TimeoutException(),
                new IllegalStateException())) {
            assertThat(catchThrowable(() -> recipes.stepThrough(_ -> {
                throw sneaky(thrown);
            }, List.of(A)))).isSameAs(thrown);
        }
    }

    @SuppressWarnings("unchecked") // the cast does nothing at run time: it is the compiler's only
    private static <E extends Exception> IOException sneaky(Exception e) throws E {
        throw (E) e;
    }

    private Recipes recipes(InterruptibleFunction<URI, String, IOException> fetch) {
        return new Recipes(pool, fetch, LONG);
    }

    private static String page(URI url) {
        return "page of " + url.getHost().charAt(0);
    }

    private static String unlessB(URI url) throws IOException {
        if (url.equals(B)) {
            throw new IOException("no b");
        }
        return page(url);
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

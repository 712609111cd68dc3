package com.example.threading.poolmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.example.threading.common.NoLeaks;
import com.example.threading.poolmap.Outcome.Failure;
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
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What the recipes of the module's page do, but for those about time: see [TimeRecipesTest].
@ExtendWith(NoLeaks.class)
class RecipesTest {

    private static final URI A = URI.create("http://a.invalid/");
    private static final URI B = URI.create("http://b.invalid/");
    private static final URI C = URI.create("http://c.invalid/");

    @AutoClose
    private final ThreadPool pool = new ThreadPool(2);

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
        List<List<Integer>> lengths = recipes(RecipesTest::page)
                .lengths(new String[]{"a", "bb"}, Stream.of("ccc", "dddd"));

        assertThat(lengths.get(0)).containsExactly(1, 2);
        assertThat(lengths.get(1)).hasSize(100).startsWith(0, 1, 1, 2);
        assertThat(lengths.get(2)).containsExactly(3, 4);
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
        return new Recipes(pool, fetch, Duration.ZERO);
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
}

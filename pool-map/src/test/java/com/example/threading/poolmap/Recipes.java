package com.example.threading.poolmap;

import static com.example.threading.poolmap.Outcome.settled;
import static java.util.concurrent.TimeUnit.MILLISECONDS;

import com.example.threading.poolmap.Outcome.Failure;
import com.example.threading.poolmap.Outcome.Success;
import com.google.common.util.concurrent.RateLimiter;
import com.google.common.util.concurrent.SimpleTimeLimiter;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The recipes of the module's page. [RecipesTest] and [TimeRecipesTest] test them.
final class Recipes {

    static final ScopedValue<String> TENANT = ScopedValue.newInstance();
    static final ThreadLocal<String> USER = new ThreadLocal<>();

    private final ThreadPool pool;
    private final InterruptibleFunction<URI, String, IOException> fetch;
    private final Duration firstPause;
    private final Duration longestPause;

    /// @param fetch what the recipes do with an item
    /// @param firstPause before the first retry; the longest pause is four times as long
    Recipes(ThreadPool pool, InterruptibleFunction<URI, String, IOException> fetch,
            Duration firstPause) {
        this.pool = pool;
        this.fetch = fetch;
        this.firstPause = firstPause;
        this.longestPause = firstPause.multipliedBy(4);
    }

    private String fetch(URI url) throws IOException, InterruptedException {
        return fetch.apply(url);
    }

    void sort(List<URI> urls, Map<URI, String> pages, Map<URI, Exception> failures)
            throws InterruptedException {
        // tag::settled[]
        for (var outcome : pool.map(settled(this::fetch), urls)) {
            switch (outcome) {
                case Success<URI, String>(URI url, String page) ->
                    pages.put(url, page);
                case Failure<URI, String>(URI url, Exception e) ->
                    failures.put(url, e);
            }
        }
        // end::settled[]
    }

    List<Failure<URI, String>> failures(List<URI> urls, PrintStream out)
            throws InterruptedException {
        // tag::progress[]
        List<Failure<URI, String>> failures = new ArrayList<>();
        var done = new AtomicInteger();
        try (var outcomes = pool.imapUnordered(
                settled(this::fetch), urls)) {
            outcomes.forEach(outcome -> {
                out.printf("\r%d of %d",
                        done.incrementAndGet(), urls.size());
                if (outcome instanceof Failure<URI, String> failure) {
                    failures.add(failure);
                }
            });
        }
        // end::progress[]
        return failures;
    }

    List<String> allWithin(Duration limit, List<URI> urls)
            throws ExecutionException, InterruptedException, TimeoutException {
        // tag::allWithin[]
        Future<List<String>> pages = pool.mapAsync(this::fetch, urls);
        try {
            return pages.get(limit.toMillis(), MILLISECONDS);
        } finally {
            pages.cancel(true); // has no effect when all is done
        }
        // end::allWithin[]
    }

    List<Outcome<URI, String>> eachWithin(Duration limit, List<URI> urls)
            throws InterruptedException {
        // tag::eachWithin[]
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var limiter = SimpleTimeLimiter.create(threads);
            return pool.map(settled(url -> limiter.callWithTimeout(
                    () -> fetch(url), limit)), urls);
        }
        // end::eachWithin[]
    }

    // tag::retry[]
    String retry(URI url) throws IOException, InterruptedException {
        for (var pause = firstPause;; pause = pause.multipliedBy(2)) {
            try {
                return fetch(url);
            } catch (IOException e) {
                if (pause.compareTo(longestPause) > 0) {
                    throw e;
                }
            }
            Thread.sleep(pause);
        }
    }
    // end::retry[]

    List<String> atMostPerSecond(double rate, List<URI> urls)
            throws IOException, InterruptedException {
        // tag::rate[]
        RateLimiter limiter = RateLimiter.create(rate); // a second
        return pool.map(url -> {
            limiter.acquire();
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            return fetch(url);
        }, urls);
        // end::rate[]
    }

    List<String> asTenant(List<URI> urls) throws Exception {
        // tag::scopedValue[]
        String tenant = TENANT.get();
        return pool.map(url -> ScopedValue.where(TENANT, tenant)
                .call(() -> fetch(url)), urls);
        // end::scopedValue[]
    }

    List<String> asUser(List<URI> urls) throws IOException, InterruptedException {
        // tag::threadLocal[]
        String user = USER.get();
        return pool.map(url -> {
            USER.set(user);
            try {
                return fetch(url);
            } finally {
                USER.remove();
            }
        }, urls);
        // end::threadLocal[]
    }

    interface Connection extends AutoCloseable {
        @Override
        void close();
    }

    List<Connection> connectAll(InterruptibleFunction<URI, Connection, IOException> connect,
            List<URI> hosts) throws IOException, InterruptedException {
        // tag::close[]
        Queue<Connection> opened = new ConcurrentLinkedQueue<>();
        try {
            return pool.map(host -> {
                Connection connection = connect.apply(host);
                opened.add(connection);
                return connection;
            }, hosts);
        } catch (Throwable t) {
            opened.forEach(Connection::close);
            throw t;
        }
        // end::close[]
    }

    @SuppressWarnings("StreamToIterable") // it can be read only once, and imap does no more
    List<List<Integer>> lengths(String[] array, Stream<String> stream)
            throws InterruptedException {
        // tag::inputs[]
        var ofArray = pool.map(String::length, Arrays.asList(array));
        var ofRange = pool.map(Integer::bitCount,
                () -> IntStream.range(0, 100).iterator());
        try (var lengths = pool.imap(
                String::length, stream::iterator)) {
            return List.of(ofArray, ofRange, lengths.toList());
        }
        // end::inputs[]
    }

    interface Step {
        String apply(URI url) throws IOException, TimeoutException;
    }

    // tag::twoExceptions[]
    List<String> stepThrough(Step step, List<URI> urls)
            throws IOException, TimeoutException, InterruptedException {
        try {
            return pool.map(step::apply, urls); // throws Exception
        } catch (IOException | TimeoutException | InterruptedException
                | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError("a step throws nothing else", e);
        }
    }
    // end::twoExceptions[]
}

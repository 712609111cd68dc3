package com.example.threading.firstresponse;

import static com.example.threading.firstresponse.Competitors.failing;
import static com.example.threading.firstresponse.Competitors.onceInterrupted;
import static java.net.http.HttpResponse.BodyHandlers.ofInputStream;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.example.threading.common.Answer;
import com.example.threading.common.FakeLatencyServer;
import com.example.threading.common.FakeLatencyServerExtension;
import com.example.threading.common.Latency;
import com.example.threading.common.NoLeaks;
import com.example.threading.common.Route;
import com.example.threading.firstresponse.FirstResponse.AllFailedException;
import com.google.common.collect.ConcurrentHashMultiset;
import com.google.common.collect.Multiset;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The recipes of this module's page, at work.
@ExtendWith({NoLeaks.class, FakeLatencyServerExtension.class})
class RecipesTest {

    // Streams of HTTP responses

    // tag::streams[]
    static String firstBody(HttpClient http, HttpRequest primary,
            HttpRequest mirror) throws Exception {
        HttpResponse<InputStream> winner = FirstResponse.of(
                () -> opened(http.sendAsync(primary, ofInputStream())),
                () -> opened(http.sendAsync(mirror, ofInputStream())))
                .closing(HttpResponse::body)
                .get();
        try (InputStream body = winner.body()) {
            return new String(body.readAllBytes(), UTF_8);
        }
    }
    // end::streams[]

    // tag::opened[]
    static HttpResponse<InputStream> opened(
            CompletableFuture<HttpResponse<InputStream>> sent)
            throws Exception {
        try {
            return sent.get();
        } catch (InterruptedException e) {
            if (!sent.cancel(true)) { // the response is there too
                sent.join().body().close();
            }
            throw e;
        }
    }
    // end::opened[]

    @Test
    void aStreamOfALoserIsClosed(FakeLatencyServer server) throws Exception {
        Answer drip = Answer.slowDrip("page", 1, ofSeconds(1));
        HttpRequest primary = request(server.route("/primary", Latency.none(), drip));
        HttpRequest mirror = request(server.route("/mirror", Latency.none(), drip));
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        try {
            assertThat(firstBody(client, primary, mirror)).isEqualTo("page");

            server.awaitInFlight(0);
            assertThat(server.answered()).isEqualTo(1);
        } finally {
            client.shutdownNow();
        }
    }

    @Test
    void aStreamThatIsThereWhenTheInterruptComesIsClosed(FakeLatencyServer server)
            throws Exception {
        Route endless = server.route("/", Latency.none(),
                Answer.slowDrip("page", 1, Duration.ofHours(1)));
        try (var client = HttpClient.newHttpClient()) {
            var response = client.send(request(endless), ofInputStream());
            var both = new CompletableFuture<HttpResponse<InputStream>>() {
                @Override
                public HttpResponse<InputStream> get() throws InterruptedException {
                    complete(response);
                    throw new InterruptedException();
                }
            };

            assertThatExceptionOfType(InterruptedException.class).isThrownBy(() -> opened(both));

            endless.awaitAborted(1);
        }
    }

    private static HttpRequest request(Route route) {
        return HttpRequest.newBuilder(route.uri()).build();
    }

    // The answer must be valid

    // tag::valid[]
    static <T> Callable<T> valid(Callable<T> competitor,
            Predicate<T> isValid) {
        return () -> {
            T answer = competitor.call();
            if (!isValid.test(answer)) {
                throw new IOException("not valid: " + answer);
            }
            return answer;
        };
    }
    // end::valid[]

    @Test
    void anAnswerThatIsNotValidDoesNotWin() throws Exception {
        Predicate<String> isValid = answer -> !answer.isEmpty();

        assertThat(FirstResponse.of(valid(() -> "", isValid), valid(() -> "good", isValid)).get())
                .isEqualTo("good");
        assertThatExceptionOfType(AllFailedException.class)
                .isThrownBy(FirstResponse.of(valid(() -> "", isValid))::get)
                .withCause(new IOException("not valid: "));
    }

    // A budget for hedges

    // So long that only a failure of the primary makes a hedge start.
    private static final Duration P90 = Duration.ofDays(1);
    private Callable<String> primary = () -> "primary";
    private final AtomicInteger hedges = new AtomicInteger();
    private final Callable<String> mirror = () -> "hedge " + hedges.incrementAndGet();

    private static String fetch(Callable<String> from) throws Exception {
        return from.call();
    }

    // tag::budget[]
    private final Semaphore tenths = new Semaphore(0);

    String hedged() throws Exception {
        tenths.release(tenths.availablePermits() < 100 ? 1 : 0);
        return FirstResponse.of(() -> fetch(primary), () -> {
            if (!tenths.tryAcquire(10)) {
                throw new RejectedExecutionException("no hedge left");
            }
            return fetch(mirror);
        }).staggeredBy(P90).get();
    }
    // end::budget[]

    @Test
    void oneRequestInTenIsHedged() throws Exception {
        primary = failing(new IOException("refused"));

        for (int request = 1; request <= 100; request++) {
            if (request % 10 == 0) {
                assertThat(hedged()).isEqualTo("hedge " + request / 10);
            } else {
                assertThatExceptionOfType(AllFailedException.class).isThrownBy(this::hedged);
            }
        }
    }

    @Test
    void noMoreThanTenHedgesAreSaved() throws Exception {
        tenths.release(100);

        assertThat(hedged()).isEqualTo("primary");

        assertThat(tenths.availablePermits()).isEqualTo(100);
    }

    // The caller's context

    private static final ScopedValue<String> USER = ScopedValue.newInstance();
    private static final ThreadLocal<String> REQUEST_ID = new ThreadLocal<>();

    // tag::context[]
    static <T> Callable<T> asCaller(Callable<T> competitor) {
        String user = USER.get();
        String id = REQUEST_ID.get();
        return () -> {
            REQUEST_ID.set(id);
            return ScopedValue.where(USER, user).call(competitor::call);
        };
    }
    // end::context[]

    @Test
    void withoutTheRecipeTheContextDoesNotReachTheCompetitors() throws Exception {
        REQUEST_ID.set("42");
        try {
            boolean bound = ScopedValue.where(USER, "me")
                    .call(FirstResponse.of(USER::isBound)::get);
            assertThat(bound).isFalse();
            assertThat(FirstResponse.of(REQUEST_ID::get).get()).isNull();
        } finally {
            REQUEST_ID.remove();
        }
    }

    @Test
    void inheritableThreadLocalsReachThemAnyway() throws Exception {
        var inherited = new InheritableThreadLocal<String>();
        inherited.set("42");

        assertThat(FirstResponse.of(inherited::get).get()).isEqualTo("42");
    }

    @Test
    void withItTheContextReachesThem() throws Exception {
        REQUEST_ID.set("42");
        try {
            String context = ScopedValue.where(USER, "me").call(() -> FirstResponse.of(
                    asCaller(() -> USER.get() + " " + REQUEST_ID.get())).get());
            assertThat(context).isEqualTo("me 42");
        } finally {
            REQUEST_ID.remove();
        }
    }

    // Metrics

    @Test
    void whoWonAndWhoHadFailedIsCounted() throws Exception {
        var mirrors = List.of(failing(new IOException("refused")), mirror,
                onceInterrupted(() -> "late"));
        Multiset<Integer> wins = ConcurrentHashMultiset.create();
        Multiset<Integer> failures = ConcurrentHashMultiset.create();
        // tag::metrics[]
        var winner = FirstResponse.of(mirrors)
                .staggeredBy(ofMillis(50))
                .winner();
        wins.add(winner.number());
        failures.addAll(winner.failures().keySet());
        String report = "mirror %d won after %d ms".formatted(
                winner.number(), winner.elapsed().toMillis());
        // end::metrics[]

        assertThat(winner.result()).isEqualTo("hedge 1");
        assertThat(wins).containsExactly(1);
        assertThat(failures).containsExactly(0);
        assertThat(report).matches("mirror 1 won after \\d+ ms");
    }
}

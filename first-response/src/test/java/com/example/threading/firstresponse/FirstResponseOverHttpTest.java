package com.example.threading.firstresponse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.example.threading.common.Answer;
import com.example.threading.common.Endpoint;
import com.example.threading.common.FakeLatencyServer;
import com.example.threading.common.FakeLatencyServerExtension;
import com.example.threading.common.Latency;
import com.example.threading.common.NoLeaks;
import com.example.threading.common.Route;
import com.google.common.util.concurrent.Uninterruptibles;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What a race looks like from the other side: who was asked, and whose request was aborted.
@ExtendWith({NoLeaks.class, FakeLatencyServerExtension.class})
class FirstResponseOverHttpTest {

    @AutoClose
    private final RecordingThreads threads = new RecordingThreads();

    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .build();

    private final FakeLatencyServer server;
    private final Route first;
    private final Route second;
    private final Route third;

    FirstResponseOverHttpTest(FakeLatencyServer server) {
        this.server = server;
        first = server.route("/first", Latency.none(), Answer.ok("first"));
        second = server.route("/second", Latency.none(), Answer.ok("second"));
        third = server.route("/third", Latency.none(), Answer.ok("third"));
    }

    // The client's own class is not public, so that @AutoClose could not call it.
    @AfterEach
    void shutDown() {
        client.shutdownNow();
    }

    private Callable<String> fetch(Route route) {
        return () -> client.send(HttpRequest.newBuilder(route.uri()).build(),
                BodyHandlers.ofString()).body();
    }

    private FirstResponse<String> race() {
        return FirstResponse.of(fetch(first), fetch(second), fetch(third)).threads(threads);
    }

    @Test
    void everyLosersRequestIsAborted() throws Exception {
        first.hold();
        second.hold();
        third.hold();
        Thread release = Thread.startVirtualThread(() -> whenAllAreInFlight(second::release));

        assertThat(race().get()).isEqualTo("second");

        server.awaitAborted(2);
        assertThat(first.aborted()).isEqualTo(1);
        assertThat(second.answered()).isEqualTo(1);
        assertThat(third.aborted()).isEqualTo(1);
        release.join();
    }

    @Test
    void everyRequestIsAbortedAtTheDeadline() throws Exception {
        Route silent = server.route("/silent", Latency.none(), Answer.never());
        // The caller makes the threads: it does not look at the clock while it waits here.
        ThreadFactory lastWaitsForTheOthers = runnable -> {
            if (threads.made().size() == 3) {
                whenAllAreInFlight(() -> {});
            }
            return threads.newThread(runnable);
        };

        assertThatExceptionOfType(TimeoutException.class).isThrownBy(
                FirstResponse.of(Collections.nCopies(4, fetch(silent)))
                        .within(Duration.ofMillis(300)).threads(lastWaitsForTheOthers)::get);

        silent.awaitAborted(3);
        server.awaitInFlight(0);
        assertThat(silent.answered()).isZero();
    }

    @Test
    void everyRequestIsAbortedWhenTheCallerIsInterrupted() throws Exception {
        first.hold();
        second.hold();
        third.hold();
        Thread caller = Thread.currentThread();
        Thread interrupt = Thread.startVirtualThread(() -> whenAllAreInFlight(caller::interrupt));

        assertThatExceptionOfType(InterruptedException.class).isThrownBy(race()::get);

        server.awaitAborted(3);
        interrupt.join();
    }

    /// The heads of all answers are there before anybody wins, so every loser has a stream open.
    @Test
    void everyLosersStreamIsClosed() throws Exception {
        Route dripping = server.route("/dripping", Latency.none(),
                Answer.slowDrip("0123456789", 10, Duration.ofHours(1)));
        var open = new CountDownLatch(3);
        Callable<HttpResponse<InputStream>> fetch = () -> {
            var response = client.send(HttpRequest.newBuilder(dripping.uri()).build(),
                    BodyHandlers.ofInputStream());
            open.countDown();
            Uninterruptibles.awaitUninterruptibly(open);
            return response;
        };

        HttpResponse<InputStream> winner = FirstResponse.of(Collections.nCopies(3, fetch))
                .closing(HttpResponse::body).threads(threads).get();

        dripping.awaitAborted(2);
        assertThat(dripping.inFlight()).as("the winner's stream is open").isEqualTo(1);
        winner.body().close();
        dripping.awaitAborted(3);
    }

    private void whenAllAreInFlight(Runnable then) {
        whenInFlight(server, 3, then);
    }

    private static void whenInFlight(Endpoint endpoint, int requests, Runnable then) {
        try {
            endpoint.awaitInFlight(requests);
            then.run();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aMirrorThatIsNotNeededIsNotAsked() throws Exception {
        assertThat(race().staggeredBy(Duration.ofDays(1)).get()).isEqualTo("first");

        assertThat(second.accepted()).isZero();
        assertThat(third.accepted()).isZero();
    }

    @Test
    void aHedgeOvertakesAMirrorThatHangs() throws Exception {
        first.hold();
        second.hold();
        third.hold();
        Thread release = Thread.startVirtualThread(() -> {
            whenInFlight(first, 1, second::release);
            third.release();
        });

        assertThat(race().staggeredBy(Duration.ofMillis(20)).get()).isIn("second", "third");
        release.join();

        first.awaitAborted(1);
    }

    @Test
    void withoutCancellationTheLosersKeepTheServerBusy() throws Exception {
        first.hold();
        second.hold();
        third.hold();
        Thread release = Thread.startVirtualThread(() -> whenAllAreInFlight(third::release));

        assertThat(BrokenWithoutCancel.race(List.of(fetch(first), fetch(second), fetch(third))))
                .isEqualTo("third");
        release.join();

        server.awaitAnswered(1);
        assertThat(server.inFlight()).isEqualTo(2);
        assertThat(server.aborted()).isZero();

        // Nothing may be in flight when the test ends: the JDK's client repeats a request that is
        // cut off, and may leave the connection of that open when it is shut down.
        first.release();
        second.release();
        server.awaitAnswered(3);
    }
}

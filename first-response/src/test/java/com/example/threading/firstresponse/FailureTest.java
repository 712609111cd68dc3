package com.example.threading.firstresponse;

import static com.example.threading.firstresponse.Competitors.failing;
import static com.example.threading.firstresponse.Competitors.onceInterrupted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.example.threading.common.NoLeaks;
import com.example.threading.firstresponse.FirstResponse.AllFailedException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What becomes of failures: when all fail, and when another wins.
@ExtendWith(NoLeaks.class)
class FailureTest {

    @AutoClose
    private final RecordingThreads threads = new RecordingThreads();

    private final Exception first = new IOException("first");
    private final Exception second = new IllegalStateException("second");
    private final Exception third = new IOException("third");

    @Test
    void everyFailureIsReportedInTheOrderOfTheCompetitors() {
        var secondHasFailed = new CountDownLatch(1);
        var thirdHasFailed = new CountDownLatch(1);

        AllFailedException thrown = catchThrowableOfType(AllFailedException.class, threads.race(
                () -> {
                    secondHasFailed.await();
                    throw first;
                },
                () -> {
                    thirdHasFailed.await();
                    secondHasFailed.countDown();
                    throw second;
                },
                () -> {
                    thirdHasFailed.countDown();
                    throw third;
                })::get);

        assertThat(thrown)
                .isInstanceOf(ExecutionException.class)
                .hasMessage("all 3 competitors failed");
        assertThat(thrown.failures()).containsExactly(first, second, third);
        assertThat(thrown.getCause()).isSameAs(first);
        assertThat(thrown.getSuppressed()).containsExactly(second, third);
    }

    @Test
    void oneExceptionThrownByAllIsReportedForEach() {
        AllFailedException thrown = catchThrowableOfType(AllFailedException.class,
                threads.race(failing(first), failing(first))::get);

        assertThat(thrown.failures()).containsExactly(first, first);
    }

    @Test
    void aCompetitorsOwnInterruptedExceptionIsItsFailure() {
        Exception interrupted = new InterruptedException("not the caller's");

        AllFailedException thrown = catchThrowableOfType(AllFailedException.class,
                threads.race(failing(interrupted), failing(second))::get);

        assertThat(thrown.failures()).containsExactly(interrupted, second);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void theFirstErrorIsRethrownUnchanged() throws Exception {
        Error error = new AssertionError("an error");
        Error another = new StackOverflowError("another error");

        Throwable thrown = catchThrowable(threads.race(failing(first), failing(error),
                failing(another), failing(third))::get);

        assertThat(thrown).isSameAs(error).hasNoSuppressedExceptions();
        assertThat(List.of(threads.takeUncaught(), threads.takeUncaught()))
                .containsExactlyInAnyOrder(error, another);
    }

    @Test
    void anErrorThatIsThrownInRaceAfterRaceCollectsNothing() throws Exception {
        Error error = new AssertionError("an error");
        FirstResponse<String> race = threads.race(failing(error), failing(first), failing(error));

        for (int i = 0; i < 10; i++) {
            assertThat(catchThrowable(race::get)).isSameAs(error);
        }
        threads.join();

        assertThat(error).hasNoSuppressedExceptions();
        assertThat(first).hasNoSuppressedExceptions();
        assertThat(threads.drainUncaught()).hasSize(20).containsOnly(error);
    }

    // When another wins

    @Test
    void anErrorReachesTheHandlerOfItsThread() throws Exception {
        Error error = new AssertionError("an error");
        var handled = new CompletableFuture<Throwable>();

        String winner = threads.race(failing(error), () -> {
            handled.complete(threads.takeUncaught());
            return "won";
        }).get();

        assertThat(winner).isEqualTo("won");
        assertThat(handled).isCompletedWithValue(error);
    }

    @Test
    void anErrorOfALoserReachesTheHandlerOfItsThread() throws Exception {
        Error error = new AssertionError("late");

        assertThat(threads.race(onceInterrupted(failing(error)), () -> "won").get())
                .isEqualTo("won");

        assertThat(threads.takeUncaught()).isSameAs(error);
    }
}

package com.example.threading.firstresponse;

import static com.example.threading.firstresponse.Competitors.A_DAY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.example.threading.common.NoLeaks;
import com.example.threading.firstresponse.FirstResponse.AllFailedException;
import com.google.common.util.concurrent.Uninterruptibles;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The threads of a race.
@ExtendWith(NoLeaks.class)
class ThreadsTest {

    @AutoClose
    private final RecordingThreads threads = new RecordingThreads();

    @Test
    void unlessToldOtherwiseTheyAreVirtualAndNamed() throws Exception {
        Thread thread = FirstResponse.of(Thread::currentThread).get();

        assertThat(thread.isVirtual()).isTrue();
        assertThat(thread.getName()).matches("first-response-\\d+");
    }

    @Test
    void eachCompetitorHasOneOfItsOwnThatIsADaemon() throws Exception {
        ThreadFactory users = Thread.ofPlatform().name("mine-", 0).daemon(false).factory();
        var met = new CountDownLatch(2);
        Callable<Thread> meeting = () -> {
            met.countDown();
            met.await();
            return Thread.currentThread();
        };

        Thread thread = FirstResponse.of(meeting, meeting).threads(users).get();

        assertThat(thread.getName()).matches("mine-[01]");
        assertThat(thread.isDaemon()).isTrue();
    }

    @Test
    void oneThatCannotBeMadeIsItsCompetitorsFailure() {
        var failure = new IllegalStateException("no more threads");

        AllFailedException thrown = catchThrowableOfType(AllFailedException.class,
                threads.race(() -> "never called", () -> "nor this")
                        .staggeredBy(A_DAY)
                        .threads(_ -> {
                            throw failure;
                        })::get);

        assertThat(thrown.failures()).containsExactly(failure, failure);
    }

    @ParameterizedTest
    @EnumSource
    void ofAMisusedFactoryOneMessageTellsWhatWasExpected(Misuse misuse) throws Exception {
        var called = new AtomicInteger();
        Callable<Integer> competitor = called::incrementAndGet;
        ThreadFactory factory = new ThreadFactory() {
            @Override
            public Thread newThread(Runnable runnable) {
                return misuse.newThread(threads, runnable);
            }

            @Override
            public String toString() {
                return "mine";
            }
        };

        // What comes of it must not depend on who is faster.
        for (int i = 0; i < 100; i++) {
            AllFailedException thrown = catchThrowableOfType(AllFailedException.class, FirstResponse
                    .of(competitor, competitor, competitor).threads(factory)::get);
            assertThat(thrown.failures()).hasSize(3).allSatisfy(
                    failure -> assertThat(failure)
                            .isExactlyInstanceOf(IllegalStateException.class)
                            .hasMessage("thread factory mine; expected a new, unstarted thread for "
                                    + "each competitor"));
        }
        threads.join();

        // So no result can be left open.
        assertThat(called).hasValue(0);
        assertThat(threads.drainUncaught()).allSatisfy(
                e -> assertThat(e).hasMessageStartingWith("thread factory mine; expected"));
    }

    @Test
    void oneThatCannotBeStartedDoesNotStopTheRace() throws Exception {
        var calls = new AtomicInteger();
        ThreadFactory everySecond = runnable -> calls.incrementAndGet() % 2 == 0
                ? threads.newThread(runnable)
                : Thread.currentThread();

        assertThat(threads.race(() -> "first", () -> "second").threads(everySecond).get())
                .isEqualTo("second");
    }

    @Test
    void ifNoneCanBeStartedForWantOfMemoryThatErrorIsRethrown() {
        Error error = new OutOfMemoryError("unable to create native thread");
        ThreadFactory exhausted = _ -> {
            throw error;
        };

        assertThat(catchThrowable(threads.race(() -> "never called").threads(exhausted)::get))
                .isSameAs(error);
    }

    /// What a factory may do in place of giving a new thread.
    enum Misuse {
        GIVES_NULL {
            @Override
            @SuppressWarnings("NullAway") // As the interface of factories allows.
            Thread newThread(RecordingThreads threads, Runnable runnable) {
                return null;
            }
        },
        GIVES_A_THREAD_THAT_HAS_RUN {
            @Override
            Thread newThread(RecordingThreads threads, Runnable runnable) {
                Thread thread = Thread.startVirtualThread(() -> {});
                Uninterruptibles.joinUninterruptibly(thread);
                return thread;
            }
        },
        STARTS_IT {
            @Override
            Thread newThread(RecordingThreads threads, Runnable runnable) {
                Thread thread = threads.newThread(runnable);
                thread.start();
                return thread;
            }
        },
        RUNS_ITS_ARGUMENT {
            @Override
            Thread newThread(RecordingThreads threads, Runnable runnable) {
                runnable.run();
                return Thread.currentThread();
            }
        },
        RUNS_ITS_ARGUMENT_AND_GIVES_A_NEW_THREAD {
            @Override
            Thread newThread(RecordingThreads threads, Runnable runnable) {
                runnable.run();
                return threads.newThread(() -> {});
            }
        };

        abstract Thread newThread(RecordingThreads threads, Runnable runnable);
    }
}

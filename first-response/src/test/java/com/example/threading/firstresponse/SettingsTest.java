package com.example.threading.firstresponse;

import static com.example.threading.firstresponse.Competitors.A_DAY;
import static com.example.threading.firstresponse.Competitors.failing;
import static com.example.threading.firstresponse.Competitors.onceInterrupted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import com.example.threading.common.NoLeaks;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What describes a race, and which descriptions are refused.
@ExtendWith(NoLeaks.class)
class SettingsTest {

    @AutoClose
    private final RecordingThreads threads = new RecordingThreads();
    private final FirstResponse<String> race = threads.race(() -> "never called");

    @Test
    void aRaceCanBeRunAgainAndByManyCallersAtOnce() throws Exception {
        var answers = new AtomicInteger();
        var losers = new AtomicInteger();
        FirstResponse<Integer> described = threads.race(
                onceInterrupted(losers::incrementAndGet),
                failing(new IOException("always")),
                answers::incrementAndGet);

        Set<Integer> winners = ConcurrentHashMap.newKeySet();
        Callable<Boolean> caller = () -> {
            for (int i = 0; i < 50; i++) {
                winners.add(described.get());
            }
            return true;
        };
        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            assertThat(callers.invokeAll(Collections.nCopies(8, caller)))
                    .allMatch(Future::resultNow);
        }
        threads.join();

        assertThat(winners).hasSize(8 * 50);
        assertThat(losers).hasValue(8 * 50);
    }

    @Test
    void eachSettingLeavesTheOriginalAsItWas() throws Exception {
        FirstResponse<String> original = threads.race(() -> "won");
        original.within(Duration.ofNanos(1));
        original.staggeredBy(A_DAY);
        original.threads(_ -> {
            throw new AssertionError("the original has another factory");
        });

        assertThat(original.get()).isEqualTo("won");
    }

    @Test
    void aChangeOfTheCollectionComesTooLate() throws Exception {
        List<Callable<String>> competitors = new ArrayList<>();
        competitors.add(() -> "won");
        FirstResponse<String> described = FirstResponse.of(competitors).threads(threads);
        competitors.clear();

        assertThat(described.get()).isEqualTo("won");
    }

    // Bad input

    @Test
    void noCompetitorsAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> FirstResponse.of())
                .withMessage("competitors []; expected at least one, and none of them null");
        assertThatIllegalArgumentException().isThrownBy(() -> FirstResponse.of(List.of()))
                .withMessage("competitors []; expected at least one, and none of them null");
    }

    @Test
    @SuppressWarnings("NullAway") // A null is what this test is about.
    void aNullCompetitorIsRefused() {
        Callable<String> good = () -> "good";

        assertThatIllegalArgumentException()
                .isThrownBy(() -> FirstResponse.of(good, null))
                .withMessage(
                        "competitors [%s, null]; expected at least one, and none of them null",
                        good);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT-0.001S"})
    void aDeadlineThatIsNotPositiveIsRefused(Duration limit) {
        assertThatIllegalArgumentException().isThrownBy(() -> race.within(limit))
                .withMessage("limit %s; expected more than zero", limit);
    }

    @Test
    void aNegativeStaggerIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> race.staggeredBy(Duration.ofNanos(-1)))
                .withMessage("delay PT-0.000000001S; expected zero or more");
    }

    @Test
    @SuppressWarnings("NullAway") // A null is what this test is about.
    void nullIsRefusedByTheNameOfTheParameter() {
        assertThatNullPointerException().isThrownBy(() -> race.staggeredBy(null))
                .withMessage("delay null; expected zero or more");
        assertThatNullPointerException().isThrownBy(() -> race.within(null))
                .withMessage("limit null; expected more than zero");
        assertThatNullPointerException().isThrownBy(() -> race.closing(null))
                .withMessage("resource null; expected a function");
        assertThatNullPointerException().isThrownBy(() -> race.threads(null))
                .withMessage("threads null; expected a factory");
    }
}

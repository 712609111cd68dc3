package com.example.threading.poolmap;

import static com.example.threading.poolmap.InterruptibleFunction.spread;
import static com.example.threading.poolmap.Outcome.settled;
import static com.example.threading.poolmap.Zip.zip;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.example.threading.common.NoLeaks;
import com.example.threading.poolmap.Outcome.Failure;
import com.example.threading.poolmap.Outcome.Success;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.lang3.tuple.Pair;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What [Outcome] promises.
@ExtendWith(NoLeaks.class)
class OutcomeTest {

    private final IOException odd = new IOException("odd");

    @ParameterizedTest
    @EnumSource
    void everyItemHasItsOutcome(Member member) throws Exception {
        try (var pool = new ThreadPool(3)) {
            List<Outcome<Integer, Integer>> outcomes = member.call(pool,
                    settled(this::halve)::apply, List.of(4, 5, 6, 7));

            assertThat(outcomes).containsExactlyInAnyOrder(new Success<>(4, 2),
                    new Failure<>(5, odd),
                    new Success<>(6, 3), new Failure<>(7, odd));
        }
    }

    @Test
    void theOutcomesOfAMapAreInTheOrderOfTheItems() throws Exception {
        try (var pool = new ThreadPool(3)) {
            List<Outcome<Integer, Integer>> outcomes = pool.map(settled(this::halve),
                    List.of(4, 5, 6, 7));

            assertThat(outcomes).extracting(Outcome::item).containsExactly(4, 5, 6, 7);
        }
    }

    @Test
    void aFailureCarriesTheVeryObjectThatWasThrown() throws Exception {
        try (var pool = new ThreadPool(1)) {
            var outcome = pool.map(settled(this::halve), List.of(5)).getFirst();

            assertThat(outcome).isInstanceOfSatisfying(Failure.class,
                    failure -> assertThat(failure.exception()).isSameAs(odd));
        }
    }

    @Test
    void anUncheckedExceptionIsAnOutcomeToo() throws Exception {
        try (var pool = new ThreadPool(1)) {
            assertThat(pool.map(settled(Integer::valueOf), List.of("1", "one", "2")))
                    .satisfiesExactly(
                            first -> assertThat(first).isEqualTo(new Success<>("1", 1)),
                            second -> assertThat(second).isInstanceOf(Failure.class),
                            third -> assertThat(third).isEqualTo(new Success<>("2", 2)));
        }
    }

    @Test
    @NullUnmarked // the nulls are the test
    void itemsAndResultsMayBeNull() throws Exception {
        try (var pool = new ThreadPool(1)) {
            assertThat(pool.map(settled(item -> item), Arrays.asList(1, null)))
                    .containsExactly(new Success<>(1, 1), new Success<>(null, null));
        }
    }

    @Test
    void outcomesAreForPatternMatching() throws Exception {
        try (var pool = new ThreadPool(2)) {
            assertThat(pool.map(settled(this::halve), List.of(4, 5)).stream()
                    .map(outcome -> switch (outcome) {
                        case Success<Integer, Integer>(var item, var half) -> item + ": " + half;
                        case Failure<Integer, Integer>(var item, var e) ->
                            item + ": " + e.getMessage();
                    })).containsExactly("4: 2", "5: odd");
        }
    }

    @Test
    void aFunctionOfPairsSettlesByThePair() throws Exception {
        try (var pool = new ThreadPool(2)) {
            var outcomes = pool.map(settled(spread(Integer::divideUnsigned)),
                    zip(List.of(6, 1), List.of(3, 0)));

            assertThat(outcomes.getFirst()).isEqualTo(new Success<>(Pair.of(6, 3), 2));
            assertThat(outcomes.getLast().item()).isEqualTo(Pair.of(1, 0));
            assertThat(outcomes.getLast()).isInstanceOf(Failure.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anErrorStillEndsTheCall(Member member) {
        var error = new AssertionError();
        try (var pool = new ThreadPool(2)) {
            InterruptibleFunction<Integer, ?, RuntimeException> settled = settled(_ -> {
                throw error;
            });

            assertThat(catchThrowable(() -> member.call(pool, settled::apply, List.of(1, 2))))
                    .isSameAs(error);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptStillEndsTheCall(Member member) {
        var interrupt = new InterruptedException();
        try (var pool = new ThreadPool(2)) {
            InterruptibleFunction<Integer, ?, RuntimeException> settled = settled(_ -> {
                throw interrupt;
            });

            assertThat(catchThrowable(() -> member.call(pool, settled::apply, List.of(1, 2))))
                    .isSameAs(interrupt);
        }
    }

    @Test
    @NullUnmarked // the null is the test
    void noFunctionIsRefused() {
        assertThatNullPointerException().isThrownBy(() -> settled(null)).withMessage("function");
    }

    private int halve(int number) throws IOException {
        if (number % 2 == 1) {
            throw odd;
        }
        return number / 2;
    }
}

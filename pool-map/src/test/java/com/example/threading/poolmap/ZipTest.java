package com.example.threading.poolmap;

import static com.example.threading.poolmap.Tasks.endingOnce;
import static com.example.threading.poolmap.Zip.repeat;
import static com.example.threading.poolmap.Zip.zip;
import static com.example.threading.poolmap.Zip.zipStrict;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.example.threading.common.NoLeaks;
import com.google.common.collect.ForwardingIterator;
import com.google.common.collect.Iterables;
import com.google.common.collect.Lists;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.commons.lang3.tuple.Pair;
import org.apache.commons.lang3.tuple.Triple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The inputs that `Zip` puts together from others.
@ExtendWith(NoLeaks.class)
class ZipTest {

    @Test
    void zipEndsWithTheShorterInput() {
        assertThat(zip(List.of(1, 2, 3), List.of("a", "b")))
                .containsExactly(Pair.of(1, "a"), Pair.of(2, "b"));
        assertThat(zip(List.of(1, 2), List.of("a", "b", "c")))
                .containsExactly(Pair.of(1, "a"), Pair.of(2, "b"));
        assertThat(zip(List.of(1, 2), repeat("a"), List.of(true)))
                .containsExactly(Triple.of(1, "a", true));
    }

    @Test
    void zipReadsItsInputsAnewForEachIteration() {
        Iterable<Pair<Integer, String>> pairs = zip(List.of(1, 2), repeat("a"));

        assertThat(Iterables.size(pairs)).isEqualTo(2);
        assertThat(Iterables.size(pairs)).isEqualTo(2);
    }

    @Test
    void zipStrictAsksEachInputOnceForAnAnswer() {
        var first = new AtomicInteger();
        var second = new AtomicInteger();

        List<Pair<Integer, Integer>> pairs = Lists.newArrayList(
                zipStrict(counting(List.of(1, 2), first), counting(List.of(3, 4), second)));

        assertThat(pairs).hasSize(2);
        assertThat(first).as("two items and the end").hasValue(3);
        assertThat(second).as("two items and the end").hasValue(3);
    }

    @Test
    void zipStrictTellsWhichInputEndedThoughItsEndIsToldOnce() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Lists.newArrayList(
                        zipStrict(endingOnce(List.of(1, 2)), endingOnce(List.of("a")))))
                .withMessage("inputs of unequal length: the second one ended after 1 items");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Lists.newArrayList(
                        zipStrict(endingOnce(List.of(1)), endingOnce(List.of("a", "b")))))
                .withMessage("inputs of unequal length: the first one ended after 1 items");
    }

    private static Iterable<Integer> counting(List<Integer> items, AtomicInteger asked) {
        return () -> new ForwardingIterator<>() {
            private final Iterator<Integer> left = items.iterator();

            @Override
            protected Iterator<Integer> delegate() {
                return left;
            }

            @Override
            public boolean hasNext() {
                asked.incrementAndGet();
                return super.hasNext();
            }
        };
    }

    @Test
    void repeatHasNoEnd() {
        assertThat(Iterables.limit(repeat("a"), 1000)).hasSize(1000).containsOnly("a");
    }

    @Test
    void zipStrictPairsInputsOfEqualLength() {
        assertThat(zipStrict(List.of(1, 2), List.of("a", "b")))
                .containsExactly(Pair.of(1, "a"), Pair.of(2, "b"));
        assertThat(zipStrict(List.of(), List.of())).isEmpty();
    }

    @Test
    void zipStrictRefusesInputsOfUnequalLengthBeforeAnythingStarts() {
        var started = new AtomicInteger();
        try (var pool = new ThreadPool(1)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> pool.starmap((_, _) -> started.incrementAndGet(),
                            zipStrict(List.of(1, 2, 3), List.of("a", "b"))))
                    .withMessage("inputs of unequal length: the second one ended after 2 items");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> pool.starmap((_, _) -> started.incrementAndGet(),
                            zipStrict(List.of(), List.of("a"))))
                    .withMessage("inputs of unequal length: the first one ended after 0 items");
        }

        assertThat(started).hasValue(0);
    }
}

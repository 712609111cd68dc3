package com.example.threading.poolmap;

import static com.example.threading.poolmap.Zip.zip;
import static com.example.threading.poolmap.Zip.zipStrict;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import com.example.threading.common.NoLeaks;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.lang3.tuple.Pair;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a pool and its helpers refuse at once.
@ExtendWith(NoLeaks.class)
class ArgumentsTest {

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE, 1_000_001, Integer.MAX_VALUE})
    void tooFewWorkersOrTooManyAreRefused(int workers) {
        String message = "workers must be from 1 to 1000000, not " + workers;
        assertThatIllegalArgumentException().isThrownBy(() -> new ThreadPool(workers))
                .withMessage(message);
        assertThatIllegalArgumentException().isThrownBy(() -> ThreadPool.ofVirtualThreads(workers))
                .withMessage(message);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ThreadPool(workers, Thread::new)).withMessage(message);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1_000_000})
    void theFewestWorkersAndTheMostAreAccepted(int workers) throws Exception {
        try (var pool = new ThreadPool(workers)) {
            assertThat(pool.map(item -> item, List.of(1))).containsExactly(1);
        }
    }

    @Test
    @NullUnmarked // the nulls are the test
    void nullIsRefusedByName() {
        InterruptibleFunction<Object, Object, Exception> function = null;
        InterruptibleFunction.OfTwo<Object, Object, Object, Exception> two = null;
        InterruptibleFunction.OfThree<Object, Object, Object, Object, Exception> three = null;
        Iterable<Object> none = null;
        List<Integer> items = List.of(1);
        try (var pool = new ThreadPool(1)) {
            var calls = new ArrayList<Pair<String, ThrowingCallable>>();
            calls.add(Pair.of("threads", () -> new ThreadPool(1, null)));
            calls.add(Pair.of("function", () -> pool.map(function, items)));
            calls.add(Pair.of("function", () -> pool.mapAsync(function, items)));
            calls.add(Pair.of("function", () -> pool.imap(function, items)));
            calls.add(Pair.of("function", () -> pool.imapUnordered(function, items)));
            calls.add(Pair.of("function", () -> pool.starmap(two, List.of())));
            calls.add(Pair.of("function", () -> pool.starmap(three, List.of())));
            calls.add(Pair.of("items", () -> pool.map(item -> item, none)));
            calls.add(Pair.of("items", () -> pool.mapAsync(item -> item, none)));
            calls.add(Pair.of("items", () -> pool.imap(item -> item, none)));
            calls.add(Pair.of("items", () -> pool.imapUnordered(item -> item, none)));
            calls.add(Pair.of("first", () -> zip(none, items)));
            calls.add(Pair.of("second", () -> zip(items, none)));
            calls.add(Pair.of("first", () -> zip(none, items, items)));
            calls.add(Pair.of("second", () -> zip(items, none, items)));
            calls.add(Pair.of("third", () -> zip(items, items, none)));
            calls.add(Pair.of("first", () -> zipStrict(none, items)));
            calls.add(Pair.of("second", () -> zipStrict(items, none)));

            for (Pair<String, ThrowingCallable> call : calls) {
                assertThatNullPointerException().isThrownBy(call.getRight())
                        .withMessage(call.getLeft());
            }
        }
    }
}

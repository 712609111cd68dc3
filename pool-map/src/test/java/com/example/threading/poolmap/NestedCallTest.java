package com.example.threading.poolmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.example.threading.common.NoLeaks;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A worker that waits for its own pool could deadlock: such calls are refused.
@ExtendWith(NoLeaks.class)
@ParameterizedClass
@EnumSource(Pools.class)
class NestedCallTest {

    private final Pools pools;

    NestedCallTest(Pools pools) {
        this.pools = pools;
    }

    @ParameterizedTest
    @EnumSource
    void aCallFromTheirOwnPoolsWorkersIsRefused(Member member) {
        try (var pool = pools.of(2)) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> pool.map(
                            _ -> member.call(pool, item -> item, List.of(1)), List.of(1)))
                    .withMessageStartingWith("called from a worker of this pool");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aStreamIsRefusedWhenItIsMadeNotOnlyWhenItIsRead(boolean ordered) {
        try (var pool = pools.of(1)) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> pool.map(_ -> ordered
                            ? pool.imap(i -> i, List.of(1))
                            : pool.imapUnordered(i -> i, List.of(1)), List.of(1)))
                    .withMessageStartingWith("called from a worker of this pool");
        }
    }

    @Test
    void readingAStreamInAWorkerOfItsPoolIsRefused() throws Exception {
        try (var pool = pools.of(1); Stream<Integer> results = pool.imap(i -> i, List.of(1, 2))) {
            Iterator<Integer> reader = results.iterator();
            reader.next();

            assertThatIllegalStateException()
                    .isThrownBy(() -> pool.map(_ -> reader.next(), List.of(1)))
                    .withMessageStartingWith("called from a worker of this pool");
        }
    }

    @Test
    void aFunctionThatReadsOrClosesItsOwnStreamIsRefused() throws Exception {
        try (var pool = pools.of(2)) {
            var own = new CompletableFuture<Stream<Throwable>>();
            var reader = new CompletableFuture<Iterator<Throwable>>();
            own.complete(pool.imap(item -> item == 0
                    ? catchThrowable(() -> reader.join().hasNext())
                    : catchThrowable(() -> own.join().close()), List.of(0, 1)));
            reader.complete(own.join().iterator());

            assertThat(List.of(reader.join().next(), reader.join().next()))
                    .allSatisfy(refusal -> assertThat(refusal)
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageStartingWith("called from a worker of this pool"));
        }
    }

    @Test
    void closingAPoolFromItsOwnWorkersIsRefused() throws Exception {
        try (var pool = pools.of(1)) {
            Throwable refusal = pool.map(_ -> catchThrowable(pool::close), List.of(1)).getFirst();

            assertThat(refusal).isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("called from a worker of this pool");
            assertThat(pool.map(item -> item, List.of(1))).containsExactly(1);
        }
    }

    @Test
    void aWorkerMayUseAnotherPool() throws Exception {
        try (var outer = pools.of(1); var inner = pools.of(1)) {
            assertThat(outer.map(item -> inner.map(i -> -i, List.of(item)), List.of(1)))
                    .containsExactly(List.of(-1));
        }
    }
}

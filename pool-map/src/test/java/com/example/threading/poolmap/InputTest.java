package com.example.threading.poolmap;

import static com.example.threading.poolmap.Tasks.forEver;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.example.threading.common.NoLeaks;
import java.io.IOException;
import java.util.AbstractList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What is asked of the input, and what it may do.
@ExtendWith(NoLeaks.class)
@ParameterizedClass
@EnumSource(Pools.class)
class InputTest {

    private final Pools pools;

    InputTest(Pools pools) {
        this.pools = pools;
    }

    @ParameterizedTest
    @EnumSource(names = {"IMAP", "IMAP_UNORDERED"})
    void afterAFailureNoMoreInputIsRead(Member member) {
        try (var pool = pools.of(1)) {
            var read = new AtomicInteger();
            var secondIsWanted = new CountDownLatch(1);
            Iterable<Integer> input = () -> Stream.generate(() -> {
                if (read.incrementAndGet() == 2) {
                    secondIsWanted.countDown();
                    // The only worker does this after it has failed.
                    pool.mapAsync(item -> item, List.of(1)).join();
                }
                return 0;
            }).iterator();

            assertThat(catchThrowable(() -> member.call(pool, _ -> {
                secondIsWanted.await();
                throw new IOException();
            }, input))).isInstanceOf(IOException.class);

            assertThat(read).hasValue(2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatTheInputThrowsReachesTheCallerAndStopsTheWork(Member member) throws Exception {
        try (var pool = pools.of(1)) {
            var thrown = new IllegalStateException("the input");
            var running = new AtomicInteger();
            Iterable<Integer> input = () -> Stream.iterate(0, item -> {
                if (item == 0) {
                    throw thrown;
                }
                return item;
            }).iterator();

            Throwable failure = catchThrowable(() -> member.call(pool, _ -> {
                running.incrementAndGet();
                try {
                    return forEver();
                } finally {
                    running.decrementAndGet();
                }
            }, input));

            assertThat(failure).isSameAs(thrown);
            assertThat(running).hasValue(0);
            assertThat(pool.map(item -> item, List.of(1))).containsExactly(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anInputThatLiesAboutItsSizeIsReadToItsTrueEnd(Member member) throws Exception {
        try (var pool = pools.of(2)) {
            for (int size : new int[]{0, 2, 5, -1}) {
                List<Integer> liar = new AbstractList<>() {
                    @Override
                    public Integer get(int index) {
                        return index;
                    }

                    @Override
                    public int size() {
                        return size;
                    }

                    @Override
                    public Iterator<Integer> iterator() {
                        return List.of(1, 2, 3).iterator();
                    }
                };

                assertThat(member.call(pool, item -> item, liar))
                        .containsExactlyInAnyOrder(1, 2, 3);
            }
        }
    }
}

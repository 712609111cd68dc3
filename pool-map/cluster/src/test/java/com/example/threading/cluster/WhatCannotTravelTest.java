package com.example.threading.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import com.example.threading.poolmap.ThreadPool;
import com.hazelcast.nio.serialization.HazelcastSerializationException;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What cannot be serialized is refused with its name, and costs no slot.
@Timeout(120)
class WhatCannotTravelTest {

    private static final List<Integer> ITEMS = Stream.iterate(0, i -> i + 1).limit(50).toList();

    private static Cluster cluster;

    @AutoClose
    private final ThreadPool pool = ThreadPool.ofVirtualThreads(4);

    private final Object notSerializable = new Object() {
        @Override
        public String toString() {
            return "a socket, say";
        }
    };

    @BeforeAll
    @Timeout(120)
    static void start() {
        cluster = Cluster.embedded(2, 2);
    }

    @AfterAll
    static void end() {
        cluster.close();
    }

    @AfterEach
    void everySlotIsUsable() throws Exception {
        EverySlot.isUsable(cluster, pool);
    }

    @Test
    void aFunctionThatHoldsSomethingElseIsRefusedAtOnce() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> cluster.remotely((Integer i) -> i + notSerializable.hashCode()))
                .withMessageContaining(WhatCannotTravelTest.class.getName() + "$$Lambda")
                .withMessageEndingWith("cannot be sent: java.io.NotSerializableException: "
                        + WhatCannotTravelTest.class.getName());
    }

    @Test
    void anItemEndsTheCall() {
        assertThatIllegalArgumentException().isThrownBy(
                () -> pool.map(cluster.remotely((Object item) -> 1), List.of(notSerializable)))
                .withMessage("cannot be sent: a socket, say")
                .withRootCauseInstanceOf(java.io.NotSerializableException.class);
    }

    @Test
    void aResultEndsTheCall() {
        assertThatExceptionOfType(HazelcastSerializationException.class)
                .isThrownBy(() -> pool.map(cluster.remotely(i -> new Object()), ITEMS))
                .withMessageContaining("java.lang.Object");
    }

    /// The member can send it, but the caller cannot read it.
    @Test
    void aResultThatCannotBeReadEndsTheCall() {
        assertThatExceptionOfType(HazelcastSerializationException.class)
                .isThrownBy(() -> pool.map(cluster.remotely(i -> new Unreadable()), ITEMS))
                .withStackTraceContaining("not here");
    }

    private static final class Unreadable implements Serializable {
        private static final long serialVersionUID = 1;

        @SuppressWarnings("unused") // called when it is read
        private void readObject(ObjectInputStream in) throws InvalidObjectException {
            throw new InvalidObjectException("not here");
        }
    }

    @Test
    void aFailureEndsTheCallThoughItIsAnotherOne() {
        assertThatExceptionOfType(HazelcastSerializationException.class)
                .isThrownBy(() -> pool.map(cluster.remotely((Integer i) -> {
                    throw new Unsendable();
                }), ITEMS))
                .withStackTraceContaining("java.lang.Object");
    }

    private static final class Unsendable extends RuntimeException {
        private static final long serialVersionUID = 1;

        @SuppressWarnings({"serial", "unused"}) // that is the point
        private final Object handle = new Object();
    }

    @Test
    @SuppressWarnings("NullAway") // that is the point
    void noFunctionIsRefused() {
        assertThatNullPointerException().isThrownBy(() -> cluster.remotely(null))
                .withMessage("function");
    }

    @Test
    void aMethodOfAnObjectTravelsIfTheObjectDoes() throws Exception {
        String prefix = "item ";

        assertThat(pool.map(cluster.remotely(prefix::concat), List.of("1", "2")))
                .containsExactly("item 1", "item 2");
    }
}

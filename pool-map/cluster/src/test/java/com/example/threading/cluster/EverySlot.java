package com.example.threading.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.threading.poolmap.ThreadPool;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.IntStream;

/// Finds a slot that was lost: as many items as there are slots wait for each other.
final class EverySlot {

    private static CyclicBarrier all = new CyclicBarrier(1);

    private EverySlot() {}

    static void isUsable(Cluster cluster, ThreadPool pool) throws Exception {
        all = new CyclicBarrier(cluster.threads());

        assertThat(pool.map(cluster.remotely(EverySlot::meet),
                IntStream.range(0, cluster.threads()).boxed().toList()))
                .hasSize(cluster.threads());
    }

    private static int meet(int item) throws Exception {
        return all.await();
    }
}

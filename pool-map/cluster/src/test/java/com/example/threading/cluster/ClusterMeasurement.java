package com.example.threading.cluster;

import com.example.threading.common.Makespan;
import com.example.threading.poolmap.ThreadPool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.IntStream;

/// Prints the figures of the page: what a cluster of three JVMs costs beside a pool in this one.
final class ClusterMeasurement {

    private static final int MEMBERS = 3;
    private static final int THREADS = 4;
    private static final int ROUNDS = 5;
    private static final List<Integer> ITEMS = IntStream.range(0, 200).boxed().toList();
    private static final List<Integer> MANY = IntStream.range(0, 5000).boxed().toList();
    private static final Duration WORK = Duration.ofMillis(50);
    private static final Duration UNTIL_THE_FAILURE = Duration.ofMillis(300);

    /// Held here: a logger that nobody holds forgets its level.
    private static final Logger HAZELCAST = Logger.getLogger("com.hazelcast");

    private ClusterMeasurement() {}

    public static void main(String[] args) throws Exception {
        HAZELCAST.setLevel(Level.SEVERE);
        report("embedded: 3 members and the driver start", "ms", List.of(millis(() -> Cluster
                .embedded(MEMBERS, THREADS).close())));
        var members = new ArrayList<MemberProcess>();
        try {
            report("3 JVMs, the first and then two at once", "ms", List.of(millis(() -> {
                members.add(MemberProcess.start(Integer.toString(THREADS)));
                String first = members.getFirst().address();
                members.add(MemberProcess.start(Integer.toString(THREADS), first));
                members.add(MemberProcess.start(Integer.toString(THREADS), first));
                members.get(1).address();
                members.get(2).address();
            })));
            long start = System.nanoTime();
            try (var cluster = Cluster.join(List.of(members.getFirst().address()));
                    var pool = ThreadPool.ofVirtualThreads(cluster.threads())) {
                report("the driver joins them", "ms", List.of(millisSince(start)));
                measure(cluster, pool, members);
            }
        } finally {
            members.forEach(MemberProcess::close);
        }
    }

    private static void measure(Cluster cluster, ThreadPool pool, List<MemberProcess> members)
            throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            pool.map(cluster.remotely((Integer i) -> i), MANY);
        }
        report("an item that does nothing, in this JVM", "µs",
                rounds(() -> pool.map(i -> i, MANY), 1000.0 / MANY.size()));
        report("the same on members", "µs",
                rounds(() -> pool.map(cluster.remotely((Integer i) -> i), MANY),
                        1000.0 / MANY.size()));
        report("200 items of 50 ms on 12 threads, ideal", "ms", List.of((double) Makespan
                .of(Collections.nCopies(ITEMS.size(), WORK), MEMBERS * THREADS).toMillis()));
        report("the same, in this JVM", "ms",
                rounds(() -> pool.map(ClusterMeasurement::work, ITEMS), 1));
        report("the same, on members", "ms",
                rounds(() -> pool.map(cluster.remotely(ClusterMeasurement::work), ITEMS), 1));
        report("a failure beside slow items arrives after", "ms", rounds(() -> {
            try {
                pool.map(cluster.remotely(ClusterMeasurement::failBesideSlowItems), ITEMS);
                throw new AssertionError("it did not fail");
            } catch (IOException e) {
                // What is measured.
            }
        }, 1).stream().map(elapsed -> elapsed - UNTIL_THE_FAILURE.toMillis()).toList());
        report("memory of a member, resident", "MB", residentMegabytes(members));
        report("200 items of 50 ms, one member killed", "ms", List.of(millis(() -> {
            var done = new AtomicInteger();
            var remotely = cluster.remotely(ClusterMeasurement::work);
            pool.map(item -> {
                int result = remotely.apply(item);
                if (done.incrementAndGet() == ITEMS.size() / 2) {
                    members.getLast().kill();
                }
                return result;
            }, ITEMS);
        })));
        report("the same on the two that are left", "ms",
                rounds(() -> pool.map(cluster.remotely(ClusterMeasurement::work), ITEMS), 1));
    }

    private static int work(int item) throws InterruptedException {
        Thread.sleep(WORK);
        return item;
    }

    private static int failBesideSlowItems(int item) throws IOException, InterruptedException {
        if (item == 0) {
            Thread.sleep(UNTIL_THE_FAILURE);
            throw new IOException("the failure");
        }
        Thread.sleep(Duration.ofSeconds(10));
        return item;
    }

    private static List<Double> residentMegabytes(List<MemberProcess> members) throws IOException {
        var megabytes = new ArrayList<Double>();
        for (MemberProcess member : members) {
            // Linux tells it here; elsewhere there is no line.
            Path status = Path.of("/proc/" + member.pid() + "/status");
            if (Files.exists(status)) {
                Files.readAllLines(status).stream().filter(line -> line.startsWith("VmRSS:"))
                        .map(line -> Double.parseDouble(line.replaceAll("\\D", "")) / 1024)
                        .forEach(megabytes::add);
            }
        }
        return megabytes;
    }

    @FunctionalInterface
    private interface Action {
        void run() throws Exception;
    }

    private static List<Double> rounds(Action action, double factor) throws Exception {
        var times = new ArrayList<Double>();
        for (int round = 0; round < ROUNDS; round++) {
            times.add(millis(action) * factor);
        }
        return times;
    }

    private static double millis(Action action) throws Exception {
        long start = System.nanoTime();
        action.run();
        return millisSince(start);
    }

    private static double millisSince(long start) {
        return (System.nanoTime() - start) / 1e6;
    }

    /// Prints the least, the middle and the greatest.
    private static void report(String what, String unit, List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        if (!sorted.isEmpty()) {
            System.out.printf("%-45s %8.1f %8.1f %8.1f %s%n", what, sorted.getFirst(),
                    sorted.get(sorted.size() / 2), sorted.getLast(), unit);
        }
    }
}

package com.example.threading.cluster;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.net.HostAndPort;
import com.google.common.primitives.Ints;
import com.hazelcast.config.Config;
import com.hazelcast.config.TcpIpConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastException;
import com.hazelcast.core.HazelcastInstance;
import java.io.PrintStream;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/// One more member of a cluster: a JVM that runs what a [Cluster] sends to it, until it is killed.
///
/// **A member runs any code that reaches its port.** It reads serialized Java objects and calls
/// them, and it authenticates nobody. So it listens on loopback, unless it is given an address that
/// is not loopback. Then it listens on the interface from which that address is reached. Do that
/// only in a network where you trust every machine.
///
/// Start the same program with the same arguments on each machine. The address is that of one of
/// the machines: start the program there first.
///
/// ```
/// Member 4 10.0.0.5:5701
/// ```
public final class Member {

    /// The name of the executor that runs what is sent.
    static final String EXECUTOR = "pool-map";

    /// The attribute by which a member tells all others how many items it runs at a time.
    static final String THREADS = "threads";

    private static final int MOST_THREADS = 1000;
    private static final int PORT = 5701;
    private static final String LOOPBACK = "127.0.0.1";

    /// Held here, because a logger that nobody holds can be collected, and its level is lost.
    private static final Logger HAZELCAST = Logger.getLogger("com.hazelcast");

    private Member() {}

    /// Starts a member, and prints its address once it has joined. Without an address it is the
    /// first of a new cluster on loopback. The exit status is 2 if an argument is wrong, and 1 if
    /// the member cannot start, for example because no other one answers.
    ///
    /// @param args how many items it runs at a time, from 1 to 1000; and the `host:port` of a
    ///   member, or its own if it is to be the first
    public static void main(String[] args) {
        HAZELCAST.setLevel(Level.SEVERE);
        int status = run(List.of(args), System.out, System.err);
        if (status != 0) {
            System.exit(status);
        }
    }

    static int run(List<String> args, PrintStream out, PrintStream err) {
        try {
            checkArgument(args.size() == 1 || args.size() == 2,
                    "expected a number of threads and perhaps host:port, not: %s",
                    String.join(" ", args));
            int threads = parseThreads(args.getFirst());
            HazelcastInstance member = args.size() == 1
                    ? found(threads)
                    : join(args.get(1), threads);
            out.println("member with " + threads + " threads at " + address(member));
            return 0;
        } catch (IllegalArgumentException e) {
            err.println(e.getMessage());
            return 2;
        } catch (IllegalStateException | HazelcastException e) {
            err.println(e.getMessage());
            return 1;
        }
    }

    // The three ways to start

    /// The first member of a new cluster, on loopback.
    static HazelcastInstance found(int threads) {
        return Hazelcast.newHazelcastInstance(config(threads, LOOPBACK, PORT));
    }

    /// A member of the cluster to which the member at `first` belongs. If this member itself gets
    /// that address, it is the first one.
    ///
    /// @throws IllegalStateException if no member answers
    static HazelcastInstance join(String first, int threads) {
        HostAndPort address = parse(first);
        return start(config(threads, interfaceTo(address), address.getPort()), List.of(first));
    }

    /// A member that runs nothing, for a JVM that hands out the work.
    ///
    /// @throws IllegalStateException if no member answers
    static HazelcastInstance drive(List<String> addresses) {
        checkArgument(!addresses.isEmpty(), "expected the address of a member, not none");
        List<HostAndPort> parsed = addresses.stream().map(Member::parse).toList();
        return start(config(0, interfaceTo(parsed.getFirst()), PORT).setLiteMember(true),
                addresses);
    }

    /// Hazelcast asks the members at the addresses, and founds a new cluster if none answers. That
    /// is wanted only of the first member, whose own address is one of them.
    private static HazelcastInstance start(Config config, List<String> addresses) {
        tcpIp(config).setMembers(addresses);
        HazelcastInstance member = Hazelcast.newHazelcastInstance(config);
        var local = member.getCluster().getLocalMember();
        boolean first = !local.isLiteMember() && addresses.stream().map(Member::parse)
                .anyMatch(address -> local.getSocketAddress().equals(
                        new InetSocketAddress(address.getHost(), address.getPort())));
        if (!first && member.getCluster().getMembers().size() == 1) {
            member.getLifecycleService().terminate();
            throw new IllegalStateException(
                    "no member answers at " + String.join(" or ", addresses));
        }
        return member;
    }

    static String address(HazelcastInstance instance) {
        var address = instance.getCluster().getLocalMember().getAddress();
        return HostAndPort.fromParts(address.getHost(), address.getPort()).toString();
    }

    private static Config config(int threads, String host, int port) {
        var config = new Config().setClusterName("pool-map")
                .setProperty("hazelcast.phone.home.enabled", "false")
                // Otherwise its sockets would be bound to every interface.
                .setProperty("hazelcast.socket.bind.any", "false")
                // There is no data to spread, and nobody else who starts at the same moment.
                .setProperty("hazelcast.partition.count", "1")
                .setProperty("hazelcast.wait.seconds.before.join", "0")
                // With more of these threads, a cancel might overtake the task that it is for, find
                // nothing, and be lost. One of them takes both in the order in which they were
                // sent.
                .setProperty("hazelcast.operation.generic.thread.count", "1");
        config.getMemberAttributeConfig().setAttribute(THREADS, Integer.toString(threads));
        config.getExecutorConfig(EXECUTOR).setPoolSize(Math.max(threads, 1))
                .setStatisticsEnabled(false);
        // The first free port from this one on.
        config.getNetworkConfig().setPort(port).setPortAutoIncrement(true);
        config.getNetworkConfig().getInterfaces().setEnabled(true).addInterface(host);
        config.getNetworkConfig().getJoin().getAutoDetectionConfig().setEnabled(false);
        tcpIp(config).setEnabled(true);
        return config;
    }

    private static TcpIpConfig tcpIp(Config config) {
        return config.getNetworkConfig().getJoin().getTcpIpConfig();
    }

    /// The address of this machine from which the other one is reached. Connecting a datagram
    /// socket only looks up the route: nothing is sent.
    private static String interfaceTo(HostAndPort other) {
        var address = new InetSocketAddress(other.getHost(), other.getPort());
        checkArgument(!address.isUnresolved(), "unknown host: %s", other.getHost());
        try (var socket = new DatagramSocket()) {
            socket.connect(address);
            return socket.getLocalAddress().getHostAddress();
        } catch (SocketException e) {
            throw new IllegalArgumentException("no network leads to " + other, e);
        }
    }

    // Arguments

    static void checkThreads(int threads) {
        checkArgument(1 <= threads && threads <= MOST_THREADS,
                "threads must be from 1 to %s, not %s", MOST_THREADS, threads);
    }

    private static int parseThreads(String argument) {
        Integer threads = Ints.tryParse(argument);
        checkArgument(threads != null, "threads must be from 1 to %s, not %s", MOST_THREADS,
                argument);
        checkThreads(threads);
        return threads;
    }

    private static HostAndPort parse(String argument) {
        try {
            HostAndPort address = HostAndPort.fromString(argument);
            if (!address.getHost().isEmpty() && address.getPort() > 0) {
                return address;
            }
        } catch (IllegalArgumentException | IllegalStateException e) {
            // The exception below says it better.
        }
        throw new IllegalArgumentException("expected host:port, not: " + argument);
    }
}

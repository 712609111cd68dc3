package com.example.threading.cluster;

import static java.util.Comparator.comparingInt;

import com.google.common.collect.HashMultiset;
import com.google.common.collect.Multiset;
import com.hazelcast.cluster.Cluster;
import com.hazelcast.cluster.InitialMembershipEvent;
import com.hazelcast.cluster.InitialMembershipListener;
import com.hazelcast.cluster.Member;
import com.hazelcast.cluster.MembershipEvent;
import org.jspecify.annotations.Nullable;

/// The free threads of the members. Each thread is a slot with these states:
///
/// ```
/// a member joins -> FREE -- take --> TAKEN -- giveBack --> FREE
///                   FREE or TAKEN, its member leaves -> void
/// ```
///
/// The cluster's list decides who is a member. It is changed before anyone learns of the change,
/// from an event or from a failure. So void slots are dropped in one place, where the next slot is
/// taken. A slot that is given back for a member that has left does no harm.
///
/// The monitor of this object guards `free` and `closed`.
final class Slots implements InitialMembershipListener {

    /// Holds a member once for each of its free threads.
    private final Multiset<Member> free = HashMultiset.create();
    private final Cluster cluster;
    private boolean closed;

    Slots(Cluster cluster) {
        this.cluster = cluster;
    }

    /// Takes a slot of the member that has the most free ones. Waits if no slot is free.
    ///
    /// @throws IllegalStateException if no member is left, or the cluster is closed
    synchronized Member take() throws InterruptedException {
        for (;;) {
            requireOpen(null);
            free.elementSet().retainAll(cluster.getMembers());
            if (!free.isEmpty()) {
                Member freest = free.elementSet().stream().max(comparingInt(free::count))
                        .orElseThrow();
                free.remove(freest);
                return freest;
            }
            if (total() == 0) {
                throw new IllegalStateException("no member of the cluster is left");
            }
            wait();
        }
    }

    synchronized void giveBack(Member member) {
        free.add(member);
        notify();
    }

    /// How many slots there are, free and taken.
    int total() {
        return cluster.getMembers().stream().mapToInt(Slots::threads).sum();
    }

    boolean has(Member member) {
        return cluster.getMembers().contains(member);
    }

    synchronized void close() {
        closed = true;
        notifyAll();
    }

    synchronized void requireOpen(@Nullable Throwable cause) {
        if (closed) {
            throw new IllegalStateException("the cluster is closed", cause);
        }
    }

    private static int threads(Member member) {
        String threads = member.getAttribute(com.example.threading.cluster.Member.THREADS);
        return threads == null ? 0 : Integer.parseInt(threads);
    }

    // Events from the cluster. None is lost or told twice: `init` comes first, with the members
    // that are there already, and the others follow.

    @Override
    public synchronized void init(InitialMembershipEvent event) {
        event.getMembers().forEach(member -> free.add(member, threads(member)));
    }

    @Override
    public synchronized void memberAdded(MembershipEvent event) {
        free.add(event.getMember(), threads(event.getMember()));
        notifyAll();
    }

    /// Whoever waits has to check again: this may have been the last member.
    @Override
    public synchronized void memberRemoved(MembershipEvent event) {
        notifyAll();
    }
}

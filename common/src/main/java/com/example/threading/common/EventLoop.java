package com.example.threading.common;

import com.example.threading.common.RequestReader.Request;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The server's one thread: it accepts, reads, waits and writes for all connections.
///
/// A platform thread with a selector and a queue of deadlines, since it must be on time even when
/// every carrier of virtual threads is busy. All that changes is confined to it, but for the inbox.
final class EventLoop implements Runnable, Executor {
    /// The JDK's default of 50 would make a burst of clients wait a second to connect.
    private static final int BACKLOG = 4096;
    private static final long MILLISECOND = TimeUnit.MILLISECONDS.toNanos(1);
    /// A selector waits for whole milliseconds only: the last one is waited for in steps of this.
    private static final long LAST_STEPS = TimeUnit.MICROSECONDS.toNanos(100);
    private static final Duration PAUSE_WITHOUT_DESCRIPTORS = Duration.ofMillis(50);

    private final FakeLatencyServer server;
    private final Ledger ledger;
    private final Selector selector;
    private final ServerSocketChannel acceptor;
    private final SelectionKey acceptKey;
    private final TreeSet<Timer> timers = new TreeSet<>();
    private final ByteBuffer readBuffer = ByteBuffer.allocateDirect(64 * 1024);
    private boolean running = true;
    private boolean outOfDescriptors;
    private long timersMade;
    private int connectionsMade;

    /// What other threads ask this one to do; guarded by itself, as is `ended`.
    private final Deque<Runnable> inbox = new ArrayDeque<>();
    private boolean ended;

    /// Something to do at a time of [System#nanoTime].
    record Timer(long dueNanos, long order, Runnable action) implements Comparable<Timer> {
        boolean isDue(long now) {
            return dueNanos - now <= 0;
        }

        @Override
        public int compareTo(Timer other) {
            // A difference, since nanoTime may overflow.
            int byTime = Long.signum(dueNanos - other.dueNanos);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    EventLoop(FakeLatencyServer server, Ledger ledger) throws IOException {
        this.server = server;
        this.ledger = ledger;
        selector = Selector.open();
        try {
            acceptor = listen();
        } catch (IOException cause) {
            selector.close();
            throw cause;
        }
        acceptKey = acceptor.register(selector, SelectionKey.OP_ACCEPT);
    }

    private static ServerSocketChannel listen() throws IOException {
        ServerSocketChannel acceptor = ServerSocketChannel.open();
        try {
            acceptor.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), BACKLOG);
            acceptor.configureBlocking(false);
            return acceptor;
        } catch (IOException cause) {
            acceptor.close();
            throw cause;
        }
    }

    int port() {
        return acceptor.socket().getLocalPort();
    }

    /// Runs it on the loop's thread soon; if that has ended, here and now.
    @Override
    public void execute(Runnable task) {
        synchronized (inbox) {
            if (ended) {
                task.run();
            } else {
                inbox.add(task);
                selector.wakeup();
            }
        }
    }

    /// Runs it once `delay` has passed since `nanos`, never before.
    Timer schedule(long nanos, Duration delay, Runnable action) {
        var timer = new Timer(nanos + delay.toNanos(), timersMade++, action);
        timers.add(timer);
        return timer;
    }

    void cancel(Timer timer) {
        timers.remove(timer);
    }

    /// For what is read in one go; empty.
    ByteBuffer readBuffer() {
        return readBuffer.clear();
    }

    void stop() {
        running = false;
    }

    /// Closes them, those too that wait to be accepted: for their clients, they are open already. The
    /// next one is number 1 again.
    void forgetConnections() {
        acceptWaiting();
        cutOffConnections();
        connectionsMade = 0;
    }

    /// Takes up all connections that their clients have opened up to now.
    void acceptWaiting() {
        if (acceptor.isOpen()) {
            accept();
        }
    }

    @Override
    public void run() {
        try {
            while (running) {
                awaitWork();
                dispatch();
                fireTimers();
                runInbox();
            }
        } catch (Throwable failure) {
            // An Error too: whoever asks the server next must hear of it.
            ledger.fail(failure);
        } finally {
            end();
        }
    }

    private void runInbox() {
        for (Runnable task; (task = nextTask()) != null;) {
            task.run();
        }
    }

    private @Nullable Runnable nextTask() {
        synchronized (inbox) {
            return inbox.poll();
        }
    }

    /// Those that are due now. What they make due meanwhile waits for its turn until others have
    /// been read: a client may have sent thousands of requests at once.
    private void fireTimers() {
        long now = System.nanoTime();
        while (!timers.isEmpty() && timers.first().isDue(now)) {
            timers.removeFirst().action.run();
        }
    }

    private void awaitWork() throws IOException {
        if (timers.isEmpty()) {
            selector.select();
            return;
        }
        long left = timers.first().dueNanos - System.nanoTime();
        if (left >= MILLISECOND) {
            selector.select(left / MILLISECOND);
        } else if (selector.selectNow() == 0 && left > 0) {
            LockSupport.parkNanos(Math.min(left, LAST_STEPS));
        }
    }

    private void dispatch() {
        for (SelectionKey key : selector.selectedKeys()) {
            if (key.attachment() instanceof Connection connection) {
                connection.ready();
            } else {
                accept();
            }
        }
        selector.selectedKeys().clear();
    }

    private void accept() {
        try {
            for (SocketChannel channel; (channel = acceptor.accept()) != null;) {
                serve(channel);
                outOfDescriptors = false;
            }
        } catch (IOException cause) {
            pauseAccepting(cause);
        }
    }

    private void serve(SocketChannel channel) throws IOException {
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
            key.attach(new Connection(++connectionsMade, channel, key, this, server, ledger));
        } catch (IOException _) {
            // The client has gone already.
            channel.close();
        }
    }

    /// Mostly this process has no file descriptor left; the client stays in the backlog meanwhile.
    private void pauseAccepting(IOException cause) {
        if (!outOfDescriptors) {
            outOfDescriptors = true;
            ledger.refused(server, Request.NONE, 0, "",
                    "no connection can be accepted for now: " + cause.getMessage()
                            + " (one whose client is in this process takes two file descriptors)");
        }
        acceptKey.interestOps(0);
        schedule(System.nanoTime(), PAUSE_WITHOUT_DESCRIPTORS,
                () -> acceptKey.interestOps(SelectionKey.OP_ACCEPT));
    }

    void cutOffRequests() {
        connections().forEach(Connection::cutOffRequest);
    }

    private void cutOffConnections() {
        connections().forEach(Connection::cutOff);
    }

    private List<Connection> connections() {
        var connections = new ArrayList<Connection>();
        if (!selector.isOpen()) {
            return connections;
        }
        for (SelectionKey key : selector.keys()) {
            if (key.attachment() instanceof Connection connection) {
                connections.add(connection);
            }
        }
        return connections;
    }

    private void end() {
        // Sockets are really closed by the selector's close: until then they belong to it.
        try (selector; acceptor) {
            cutOffConnections();
        } catch (Throwable failure) {
            ledger.fail(failure);
        }
        ledger.close();
        synchronized (inbox) {
            ended = true;
            inbox.forEach(this::runWhateverHappens);
        }
    }

    /// Someone may be waiting for the tasks behind one that fails.
    private void runWhateverHappens(Runnable task) {
        try {
            task.run();
        } catch (Throwable failure) {
            ledger.fail(failure);
        }
    }
}

package com.example.threading.common;

import static com.example.threading.common.Exchange.Outcome.ABORTED;
import static com.example.threading.common.Exchange.Outcome.ANSWERED;
import static com.example.threading.common.Exchange.Outcome.CUT_OFF;
import static com.example.threading.common.Exchange.Outcome.FAULTED;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.example.threading.common.RequestReader.Refusal;
import com.example.threading.common.RequestReader.Request;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Collections;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/// One client's connection: takes its requests one after the other, and plays their answers.
/// Confined to the server's thread.
///
/// It is read from all the time: the end of the stream is how a client that hangs up is noticed
/// while its answer is still pending. What a client sends ahead of its answer is kept for later.
final class Connection {
    private static final int AHEAD_CAP = 64 * 1024;
    private static final int WRITE_CAP = 256 * 1024;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(UTF_8);
    /// How long a client may go on sending after it was refused, so that it can read why.
    private static final Duration LINGER = Duration.ofSeconds(1);

    private final int number;
    private final SocketChannel channel;
    private final SelectionKey key;
    private final EventLoop loop;
    private final FakeLatencyServer server;
    private final Ledger ledger;
    private final RequestReader reader = new RequestReader();
    private ByteBuffer ahead = NOTHING;
    private boolean unused = true;
    /// Nothing that still arrives matters.
    private boolean deaf;

    // The request being served, if there is one.
    private boolean busy;
    private Request request = Request.NONE;
    private Answer answer = Answer.never();
    private @Nullable Route route;
    private Ledger.@Nullable Entry entry;
    private EventLoop.@Nullable Timer timer;

    // What is being sent: the rest of a piece, and the pieces of the answer after it.
    private boolean answering;
    private ByteBuffer out = NOTHING;
    private Iterator<byte[]> pieces = Collections.emptyIterator();

    Connection(int number, SocketChannel channel, SelectionKey key, EventLoop loop,
            FakeLatencyServer server, Ledger ledger) {
        this.number = number;
        this.channel = channel;
        this.key = key;
        this.loop = loop;
        this.server = server;
        this.ledger = ledger;
        ledger.connectionOpened(number);
    }

    /// The channel can be read from or written to.
    void ready() {
        if (key.isValid() && key.isReadable() && !hasItsTurn()) {
            read();
        }
        if (key.isValid() && key.isWritable()) {
            flush();
        }
    }

    /// Whether it has sent ahead, and its answer is due in this very round. What follows is read when
    /// that is sent: a client may have sent more requests at once than may wait here.
    private boolean hasItsTurn() {
        return ahead.hasRemaining() && timer != null && timer.isDue(System.nanoTime());
    }

    /// Closes it, whatever is pending.
    void cutOff() {
        end(CUT_OFF);
        close();
    }

    /// Ends the request in flight. It is the client that closes the connection: one that it forgets
    /// stays open, and is found by [NoLeaks].
    void cutOffRequest() {
        if (busy && !deaf) {
            end(CUT_OFF);
            answering = false;
            out = NOTHING;
            key.interestOps(SelectionKey.OP_READ);
            finishSending();
        }
    }

    private void read() {
        ByteBuffer in = loop.readBuffer();
        try {
            if (channel.read(in) < 0) {
                hungUp();
                return;
            }
        } catch (IOException _) {
            // A reset: the other way of hanging up.
            hungUp();
            return;
        }
        if (!deaf) {
            ahead = joined(ahead, in.flip());
            parse();
        }
    }

    /// Takes what is ahead, up to the end of the next request.
    private void parse() {
        try {
            while (!busy && !deaf && ahead.hasRemaining()) {
                Request next = reader.next(ahead);
                if (next != null) {
                    begin(next);
                } else if (reader.takeExpectsContinue()) {
                    send(CONTINUE);
                }
            }
            if (!ahead.hasRemaining()) {
                ahead = NOTHING;
            } else if (ahead.remaining() > AHEAD_CAP) {
                refused("sent " + ahead.remaining() + " bytes ahead of its answer");
                cutOff();
            }
        } catch (Refusal refusal) {
            refuse(refusal);
        }
    }

    private void begin(Request next) {
        busy = true;
        unused = false;
        request = next;
        long now = System.nanoTime();
        Route wanted = server.find(next.path());
        if (wanted == null) {
            ledger.refused(server, next, number, next.path(), "404 no such route: " + next);
            prepare(Answer.status(404, "no such route: " + RequestReader.shown(next.path())));
            timer = loop.schedule(now, Duration.ZERO, this::endDelay);
            return;
        }
        Ledger.Entry arrived = ledger.arrived(wanted, number, now, next);
        prepare(wanted.answer(arrived.exchange().attempt()));
        route = wanted;
        entry = arrived;
        timer = loop.schedule(now,
                server.isHurrying() ? Duration.ZERO : arrived.exchange().planned(),
                this::endDelay);
    }

    private void endDelay() {
        timer = null;
        if (route == null) {
            answer();
        } else {
            route.arriveAtGate(this);
        }
    }

    private void refuse(Refusal refusal) {
        busy = true;
        unused = false;
        request = Request.NONE;
        refused(refusal.status + " " + refusal.getMessage());
        prepare(Answer.status(refusal.status, refusal.getMessage() + "\n")
                .header("Connection", "close"));
        answer();
    }

    /// Ahead of its time, so that nothing is left to do then but to send it.
    private void prepare(Answer planned) {
        answer = planned;
        pieces = planned.pieces(!request.method().equals("HEAD")).iterator();
    }

    /// Begins to send the answer.
    void answer() {
        answering = true;
        sendNextPiece();
    }

    private void sendNextPiece() {
        timer = null;
        send(pieces.next());
    }

    private void send(byte[] bytes) {
        ByteBuffer more = ByteBuffer.wrap(bytes);
        out = out.hasRemaining() ? joined(out, more) : more;
        flush();
    }

    private void flush() {
        // Who has read an answer and then asks the ledger must find it there.
        synchronized (ledger) {
            try {
                write();
            } catch (IOException _) {
                hungUp();
                return;
            }
            if (out.hasRemaining()) {
                key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
                return;
            }
            key.interestOps(SelectionKey.OP_READ);
            if (!answering) {
                return;
            }
            if (pieces.hasNext()) {
                timer = loop.schedule(System.nanoTime(),
                        server.isHurrying() ? Duration.ZERO : answer.pause(), this::sendNextPiece);
            } else {
                answering = false;
                sent();
            }
        }
    }

    /// A large answer in parts: the channel copies all that it is given, however little the network
    /// takes, and the other connections would have to wait for that.
    private void write() throws IOException {
        int end = out.limit();
        out.limit(Math.min(end, out.position() + WRITE_CAP));
        channel.write(out);
        out.limit(end);
    }

    private void sent() {
        switch (answer.ending()) {
            case NEXT_REQUEST -> {
                end(ANSWERED);
                nextRequest();
            }
            case SILENCE -> {
                if (server.isHurrying()) {
                    cutOff();
                }
            }
            case CLOSE -> {
                end(FAULTED);
                close();
            }
            case RESET -> {
                end(FAULTED);
                reset();
            }
        }
    }

    private void nextRequest() {
        if (request.keepAlive() && answer.keepsAlive()) {
            busy = false;
            parse();
        } else {
            linger();
        }
    }

    private void refused(String why) {
        ledger.refused(server, Request.NONE, number, "", why);
    }

    private void hungUp() {
        if (!busy && !reader.idle()) {
            refused("hung up in the middle of a request");
        } else if (unused) {
            refused("hung up without a request");
        }
        end(ABORTED);
        close();
    }

    /// The request is over, if there is one.
    private void end(Exchange.Outcome outcome) {
        if (route != null && entry != null) {
            ledger.ended(route, entry, outcome);
            route.leaveGate(this);
            route = null;
            entry = null;
        }
        if (timer != null) {
            loop.cancel(timer);
            timer = null;
        }
    }

    /// Lets the client read what it was sent: closing while bytes from the client are unread would
    /// reset the connection.
    private void linger() {
        finishSending();
        timer = loop.schedule(System.nanoTime(), LINGER, this::close);
    }

    private void finishSending() {
        deaf = true;
        ahead = NOTHING;
        try {
            channel.shutdownOutput();
        } catch (IOException _) {
            // The client has gone already.
            close();
        }
    }

    private void reset() {
        try {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        } catch (IOException _) {
            // The client has gone already.
        }
        close();
    }

    /// For when the request has ended, and with it its timer.
    private void close() {
        deaf = true;
        ledger.connectionClosed(number);
        try {
            channel.close();
        } catch (IOException cause) {
            throw new UncheckedIOException(cause);
        }
    }

    private static ByteBuffer joined(ByteBuffer a, ByteBuffer b) {
        return ByteBuffer.allocate(a.remaining() + b.remaining()).put(a).put(b).flip();
    }
}

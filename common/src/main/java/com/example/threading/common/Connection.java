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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One client's connection: takes its requests one after the other, and plays their answers.
/// Confined to the server's thread.
///
/// It is read from all the time: the end of the stream is how a client that hangs up is noticed
/// while its answer is still pending. What a client sends ahead of its answer is kept for later.
final class Connection {
    private static final int AHEAD_CAP = 64 * 1024;
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
    private boolean lingering;

    // The request being served, and what is left of its answer.
    private boolean busy;
    private Ledger.@Nullable Entry entry;
    private EventLoop.@Nullable Timer timer;
    private Runnable leaveGate = () -> {};
    private ByteBuffer out = NOTHING;
    private Iterator<byte[]> pieces = List.<byte[]>of().iterator();
    private Duration pause = Duration.ZERO;
    private Runnable whenSent = () -> {};

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
        if (key.isValid() && key.isReadable()) {
            read();
        }
        if (key.isValid() && key.isWritable()) {
            flush();
        }
    }

    /// Closes it, whatever is pending.
    void cutOff() {
        end(CUT_OFF);
        close();
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
        if (!lingering) {
            parse(ahead.hasRemaining() ? joined(ahead, in.flip()) : in.flip());
        }
    }

    private void parse(ByteBuffer in) {
        try {
            while (!busy && in.hasRemaining()) {
                Request request = reader.next(in);
                if (request != null) {
                    begin(request);
                } else if (reader.takeExpectsContinue()) {
                    out = ByteBuffer.wrap(CONTINUE);
                    flush();
                }
            }
            if (in.remaining() > AHEAD_CAP) {
                ledger.refused(server, "", number,
                        "sent " + in.remaining() + " bytes ahead of its answer");
                cutOff();
            }
            ahead = in.hasRemaining() ? joined(NOTHING, in) : NOTHING;
        } catch (Refusal refusal) {
            refuse(refusal);
        }
    }

    private void begin(Request request) {
        busy = true;
        unused = false;
        long now = System.nanoTime();
        Route route = server.find(request.path());
        if (route == null) {
            ledger.refused(server, request.path(), number, "404 no such route: " + request);
            var notFound = Answer.status(404, "no such route: " + request.path());
            timer = loop.schedule(now, Duration.ZERO, () -> play(notFound, request));
            return;
        }
        Ledger.Entry arrived = ledger.arrived(route, number, now, request.toString());
        Runnable answer = () -> play(route.answer(arrived.attempt), request);
        entry = arrived;
        leaveGate = () -> route.leaveGate(answer);
        timer = loop.schedule(now, arrived.planned, () -> route.arriveAtGate(answer));
    }

    private void refuse(Refusal refusal) {
        busy = true;
        unused = false;
        ledger.refused(server, "", number, refusal.status + " " + refusal.getMessage());
        var response = Answer.status(refusal.status, refusal.getMessage() + "\n");
        send(List.of(response.header("Connection", "close").bytes(true)), Duration.ZERO,
                this::linger);
    }

    private void play(Answer answer, Request request) {
        boolean withBody = !request.method().equals("HEAD");
        Runnable answered = () -> answered(request.keepAlive());
        switch (answer) {
            case Answer.Response response ->
                send(List.of(response.bytes(withBody)), Duration.ZERO, answered);
            case Answer.SlowDrip drip -> send(pieces(drip, withBody), drip.every(), answered);
            case Answer.Fault fault ->
                send(List.of(fault.bytes()), Duration.ZERO, () -> fail(fault));
        }
    }

    private static List<byte[]> pieces(Answer.SlowDrip drip, boolean withBody) {
        var pieces = new ArrayList<byte[]>();
        pieces.add(drip.response().bytes(false));
        byte[] body = drip.response().body().getBytes(UTF_8);
        for (int i = 0; withBody && i < drip.pieces(); i++) {
            pieces.add(Arrays.copyOfRange(body, (int) ((long) i * body.length / drip.pieces()),
                    (int) ((i + 1L) * body.length / drip.pieces())));
        }
        return pieces;
    }

    private void send(List<byte[]> pieces, Duration pause, Runnable whenSent) {
        this.pieces = pieces.iterator();
        this.pause = pause;
        this.whenSent = whenSent;
        sendNextPiece();
    }

    private void sendNextPiece() {
        out = ByteBuffer.wrap(pieces.next());
        flush();
    }

    private void flush() {
        // Who has read an answer and then asks the ledger must find it there.
        synchronized (ledger) {
            try {
                channel.write(out);
            } catch (IOException _) {
                hungUp();
                return;
            }
            if (out.hasRemaining()) {
                key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
                return;
            }
            key.interestOps(SelectionKey.OP_READ);
            if (pieces.hasNext()) {
                timer = loop.schedule(System.nanoTime(), pause, this::sendNextPiece);
            } else {
                Runnable then = whenSent;
                whenSent = () -> {};
                then.run();
            }
        }
    }

    private void answered(boolean keepAlive) {
        end(ANSWERED);
        if (keepAlive) {
            busy = false;
            parse(ahead);
        } else {
            linger();
        }
    }

    private void fail(Answer.Fault fault) {
        switch (fault.end()) {
            case SILENCE -> {
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

    private void hungUp() {
        if (unused) {
            ledger.refused(server, "", number, "hung up without a request");
        } else if (!busy && !reader.idle()) {
            ledger.refused(server, "", number, "hung up in the middle of a request");
        }
        end(ABORTED);
        close();
    }

    /// The request is over, if there is one.
    private void end(Exchange.Outcome outcome) {
        Ledger.Entry ending = entry;
        entry = null;
        if (ending != null) {
            ledger.ended(ending, outcome);
            leaveGate.run();
        }
        if (timer != null) {
            loop.cancel(timer);
        }
    }

    /// Lets the client read what it was sent before the connection goes: a plain close while bytes
    /// of it are unread would reset the connection.
    private void linger() {
        lingering = true;
        try {
            channel.shutdownOutput();
            timer = loop.schedule(System.nanoTime(), LINGER, this::close);
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

    private void close() {
        if (timer != null) {
            loop.cancel(timer);
        }
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

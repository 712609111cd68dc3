package com.example.threading.poolmap;

import static java.util.Objects.requireNonNull;

import com.example.threading.poolmap.ThreadPool.InterruptibleFunction;
import com.google.common.collect.Streams;
import java.util.Iterator;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;

/// A call that reads its input only as far as its reader needs, with a task for each item, and is
/// itself the source of the reader's stream. `input` and `ahead` are confined to the reader.
final class LazyCall<T, R> extends Call implements Iterator<R> {

    private final InterruptibleFunction<? super T, ? extends R, ?> function;
    private final Iterator<? extends T> input;
    private final boolean ordered;
    /// Tasks in the order in which the reader gets their results: they join the line when they are
    /// submitted, or, unordered, when they are done. It has room for the whole window, so that
    /// joining it allocates nothing, and a task that found no memory left still arrives.
    private final BlockingQueue<Task<R>> line;
    /// Items that were read, and whose results the reader has not got.
    private int ahead;

    LazyCall(ThreadPool pool, InterruptibleFunction<? super T, ? extends R, ?> function,
            Iterable<? extends T> items, boolean ordered) {
        super(pool);
        this.function = requireNonNull(function, "function");
        this.input = requireNonNull(items, "items").iterator();
        this.ordered = ordered;
        this.line = new ArrayBlockingQueue<>(2 * pool.workers());
    }

    Stream<R> stream() {
        return Streams.stream(this).onClose(() -> {
            pool.refuseWorkers();
            stopAndWait(new CancellationException("the stream was closed"));
        });
    }

    @Override
    public boolean hasNext() {
        pool.refuseWorkers();
        try {
            throwIfStopped();
            while (ahead < window() && input.hasNext()) {
                read(input.next());
            }
            return ahead > 0;
        } catch (Throwable t) {
            throw giveUp(t);
        }
    }

    @Override
    public R next() {
        try {
            R result = line.take().result();
            ahead--;
            return result;
        } catch (Throwable t) {
            throw giveUp(t);
        }
    }

    private void read(T item) throws Throwable {
        throwIfStopped();
        var task = new Task<R>(() -> function.apply(item)) {
            @Override
            protected void done() {
                if (!ordered) {
                    line.add(this);
                }
            }
        };
        if (ordered) {
            line.add(task);
        }
        submit(task);
        ahead++;
    }

    /// A closed pool takes nothing more, but the reader still gets what was accepted.
    private int window() {
        return pool.executor.isShutdown() ? 1 : 2 * pool.workers();
    }

    /// The reader may always come with more.
    @Override
    boolean exhausted() {
        return false;
    }
}

package com.example.threading.poolmap;

import static java.util.Objects.requireNonNull;

import java.util.Iterator;
import java.util.Queue;
import java.util.Spliterator;
import java.util.Spliterators.AbstractSpliterator;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/// A call that reads its input only as far as the reader of its stream needs, with a task for each
/// item. The thread that reads the stream reads the input too.
final class LazyCall<T, R> extends Call {

    private final Runnable checkReader;
    private final InterruptibleFunction<? super T, ? extends R, ?> function;
    private final Iterator<? extends T> input;
    private final boolean ordered;

    // Confined to the reader.

    private boolean inputEnded;
    /// How many items have been read whose results have not been taken.
    private int ahead;

    // Shared with the workers.

    /// The results that the reader takes next. An item joins the line when it is read or,
    /// unordered, when its result is ready. The line has room for the whole window. So joining it
    /// needs no memory and cannot fail.
    private final Queue<Item> line;
    /// Gets a permit after each change that leaves the reader with news.
    private final Semaphore news = new Semaphore(0);
    /// Guarded by the monitor.
    private boolean finished;

    /// @param checkReader throws if the current thread must not wait for the workers
    LazyCall(ThreadPoolExecutor executor, Consumer<? super Call> whenEnded, Runnable checkReader,
            InterruptibleFunction<? super T, ? extends R, ?> function,
            Iterable<? extends T> items, boolean ordered) {
        super(executor, whenEnded);
        this.checkReader = checkReader;
        this.function = requireNonNull(function, "function");
        this.input = requireNonNull(items, "items").iterator();
        this.ordered = ordered;
        this.line = new ArrayBlockingQueue<>(2 * executor.getCorePoolSize());
    }

    Stream<R> stream() {
        var results = new AbstractSpliterator<R>(Long.MAX_VALUE, Spliterator.ORDERED) {
            @Override
            public boolean tryAdvance(Consumer<? super R> action) {
                return giveNext(action);
            }
        };
        return StreamSupport.stream(results, false).onClose(this::close);
    }

    private void close() {
        checkReader.run();
        if (hasStopped()) {
            // A read may have waited for the end already, until a second interrupt ended its wait.
            // That interrupt is still in the status. So it ends this wait too.
            awaitEndOrInterrupt();
        } else {
            stopAndWait(new CancellationException("the stream was closed"));
        }
    }

    private boolean giveNext(Consumer<? super R> action) {
        checkReader.run();
        if (awaitResult()) {
            action.accept(take());
            return true;
        }
        throwFailure();
        return false;
    }

    /// Waits until the next result is ready. If there is none, because the call was stopped or all
    /// results were taken, waits for the end of the call and returns false.
    private boolean awaitResult() {
        try {
            readAhead();
            if (ahead > 0) {
                awaitNews();
                if (!hasStopped()) {
                    return true;
                }
            }
            finish();
            awaitEnd();
        } catch (Throwable reason) {
            stopAndWait(reason);
        }
        return false;
    }

    /// Waits until the next result is ready or the call has stopped.
    private void awaitNews() throws InterruptedException {
        // The order matters: drained before the first check, so that no later news is lost.
        news.drainPermits();
        while (!hasNews()) {
            news.acquire();
        }
    }

    private boolean hasNews() {
        return hasStopped() || isNextReady();
    }

    /// Reads at least one item, to keep the window filled. Reads on until the next result is ready
    /// or the window is full. So a result that is ready waits for at most one item of the input.
    ///
    /// An input that has ended is not asked again: some inputs close themselves at the end.
    private void readAhead() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        while (!inputEnded && ahead < window() && !hasStopped()) {
            if (input.hasNext()) {
                add(new Item(input.next()));
            } else {
                inputEnded = true;
            }
            if (isNextReady()) {
                return;
            }
        }
    }

    private void finish() {
        synchronized (this) {
            finished = true;
        }
        endIfDone();
    }

    /// The reader of a closed pool first gets the results of all accepted items. Then it may read
    /// one more item, which the executor rejects.
    private int window() {
        return executor.isShutdown() ? 1 : 2 * executor.getCorePoolSize();
    }

    private void add(Item item) {
        ahead++;
        if (ordered) {
            line.add(item);
        }
        submit(item);
    }

    private boolean isNextReady() {
        Item next = line.peek();
        return next != null && next.ready;
    }

    private R take() {
        ahead--;
        return line.remove().result;
    }

    @Override
    boolean isUsedUp() {
        return finished;
    }

    @Override
    void changed() {
        if (hasNews()) {
            news.release();
        }
    }

    private final class Item extends Task {

        private final T item;
        @SuppressWarnings("NullAway.Init") // null until it is ready
        private R result;
        /// Written after `result`. Volatile, so that whoever reads true here also sees the result.
        private volatile boolean ready;

        Item(T item) {
            this.item = item;
        }

        @Override
        void work() throws Exception {
            result = function.apply(item);
            ready = true;
            if (!ordered) {
                line.add(this);
            }
        }
    }
}

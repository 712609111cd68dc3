package com.example.threading.poolmap;

import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.commons.lang3.exception.ExceptionUtils;

/// One call of a [ThreadPool]'s member: tasks on the queue of the pool that stand or fall together,
/// and a caller that waits for them, as in structured concurrency. How items are dealt out to tasks
/// is the subclass's business.
///
/// Callers and workers share it without a lock: `failure` and `ended` change once, and every
/// decision is made by them, by the counter of the tasks that run and by what [#exhausted] says.
abstract class Call {

    final ThreadPool pool;
    /// Why the call was stopped; not done as long as it goes well.
    private final CompletableFuture<Throwable> failure = new CompletableFuture<>();
    /// Those that no worker is done with.
    private final Set<Task<?>> tasks = ConcurrentHashMap.newKeySet();
    private final AtomicInteger running = new AtomicInteger();
    /// Open when no task is running, and none will.
    private final CountDownLatch ended = new CountDownLatch(1);

    Call(ThreadPool pool) {
        pool.refuseWorkers();
        pool.refuseIfClosed();
        this.pool = pool;
    }

    /// Whether there is nothing that a further task could start.
    abstract boolean exhausted();

    final void submit(Task<?> task) {
        pool.calls.add(this);
        tasks.add(task);
        pool.executor.execute(task);
    }

    /// Ends the call early: nothing more starts, and what runs is interrupted. The first reason is
    /// what the caller gets, with the later ones suppressed in it, except for interrupts: those
    /// follow from the first.
    final void stop(Throwable reason) {
        cancel(reason);
        endIfIdle();
    }

    /// As [#stop], but tells nobody yet.
    final void cancel(Throwable reason) {
        if (failure.complete(reason)) {
            tasks.forEach(task -> task.cancel(true));
        } else if (!hasEnded() && !isFailure(reason) && !(reason instanceof InterruptedException)) {
            failure().addSuppressed(reason);
        }
    }

    /// Asks in this order, since a task counts as running before it looks what there is to do.
    final void endIfIdle() {
        if ((stopped() || exhausted()) && running.get() == 0) {
            end();
            withdrawTasks();
        }
    }

    /// Tells whoever wants to know, whether or not something still runs.
    void end() {
        pool.calls.remove(this);
        release();
    }

    /// Lets the caller go on.
    final void release() {
        ended.countDown();
    }

    /// A task that no worker has taken would keep the items of the call until one does.
    private void withdrawTasks() {
        tasks.forEach(pool.executor::remove);
    }

    final boolean stopped() {
        return failure.isDone();
    }

    final Throwable failure() {
        return failure.resultNow();
    }

    @SuppressWarnings("ReferenceEquality") // the very object is meant
    private boolean isFailure(Throwable reason) {
        return reason == failure();
    }

    final boolean hasEnded() {
        return ended.getCount() == 0;
    }

    final void awaitEnd() throws InterruptedException {
        ended.await();
    }

    final void throwIfStopped() throws Throwable {
        if (stopped()) {
            throw failure();
        }
    }

    /// Stops the call and waits for its tasks. An interrupt ends the waiting and is kept.
    final void stopAndWait(Throwable reason) {
        stop(reason);
        try {
            awaitEnd();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// What a caller does that cannot have its result, be it that a task failed or that `reason`
    /// befell the caller itself: stops the call, waits, and throws the first failure as it is. An
    /// interrupt that came after it is kept.
    final RuntimeException giveUp(Throwable reason) {
        stopAndWait(reason);
        if (reason instanceof InterruptedException && !isFailure(reason)) {
            Thread.currentThread().interrupt();
        }
        throw ExceptionUtils.asRuntimeException(failure());
    }

    /// What a worker takes from the queue. As a [FutureTask] it has its thread interrupted only
    /// while the thread is at this task.
    class Task<V> extends FutureTask<V> {

        Task(Callable<V> work) {
            super(work);
        }

        @Override
        public void run() {
            running.incrementAndGet();
            try {
                if (stopped()) {
                    // It came too late to be cancelled with the others.
                    cancel(false);
                } else {
                    super.run();
                }
            } finally {
                tasks.remove(this);
                // Whoever interrupted the task did not mean what the worker does next.
                Thread.interrupted();
                running.decrementAndGet();
                endIfIdle();
            }
        }

        @Override
        protected void setException(Throwable thrown) {
            // Recorded before the reader is told of it. Who waits for this task is told also when
            // the others cannot be stopped, as may be so when no memory is left.
            try {
                stop(thrown);
            } finally {
                super.setException(thrown);
            }
        }

        /// Waits for the result. A task that failed or was cancelled has none, and this throws why
        /// its call was stopped.
        final V result() throws Throwable {
            try {
                return get();
            } catch (ExecutionException | CancellationException _) {
                throw failure();
            }
        }
    }
}

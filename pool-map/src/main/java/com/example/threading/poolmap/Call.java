package com.example.threading.poolmap;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.function.Consumer;

/// One call of a pool's method: tasks on an executor that succeed or fail together, and a caller
/// who waits for them, as in structured concurrency. What a task does is the subclass's business.
///
/// ```
///  OPEN ------- stop ------> STOPPED ------ no task runs -------> ENDED
///    \                                                              ^
///     `------- nothing is left to do, and no task runs -------------'
/// ```
///
/// - OPEN: a task starts when a worker takes it from the executor's queue.
/// - STOPPED: `failure` says why. No further task starts. Those that run have been interrupted.
/// - ENDED: no task runs, and none will start. Whoever waits for the call goes on. Only [#abandon]
///   enters this state while tasks run.
///
/// The monitor of this object guards the state. This passage is delicate: three questions decide
/// whether it is right.
///
/// - *Can a task start after the failure?* No. Before it starts, it checks the state and is
///   counted, in one step, in [Task#enter].
/// - *Can an interrupt hit what the worker does after its task?* No. A call sends interrupts only
///   under the monitor, and only to tasks that run. A task that leaves removes itself and clears
///   the interrupt, in one step, in [Task#leave].
/// - *Can the call end while an item is worked on?* Only by [#abandon]. Otherwise it ends when no
///   task runs and none will: after a stop no task can enter, and once nothing is left to do, a
///   task that enters finds no item.
///
/// Nothing under the monitor may block, because on Java 21 a virtual thread that blocks there also
/// blocks its carrier. The only foreign method called there is [Thread#interrupt].
abstract class Call {

    final ThreadPoolExecutor executor;
    private final Consumer<? super Call> whenEnded;
    /// The tasks that wait on the executor's queue or run, until the call ends.
    private final Set<Task> tasks = ConcurrentHashMap.newKeySet();
    /// Opens after the call has ended.
    private final CountDownLatch end = new CountDownLatch(1);

    private int running;
    /// Volatile, because a worker reads it between two items, without the monitor.
    @SuppressWarnings("NullAway.Init") // null while all goes well
    private volatile Throwable failure;
    private boolean ended;

    /// @param executor runs the tasks
    /// @param whenEnded is told when the call has ended
    Call(ThreadPoolExecutor executor, Consumer<? super Call> whenEnded) {
        this.executor = executor;
        this.whenEnded = whenEnded;
    }

    /// Whether a further task would find nothing to do. Called under the monitor.
    abstract boolean isUsedUp();

    /// Called without the monitor, after a task has left or the call was stopped.
    void changed() {}

    /// Completes the future of an ended call, which may run any code that depends on it. Several
    /// threads may call this, even at the same time: the first one completes the future.
    void deliver() {}

    final void submit(Task task) {
        tasks.add(task);
        try {
            executor.execute(task);
        } catch (Throwable noWorker) {
            replaceWorker();
            throw noWorker;
        }
        if (!isOpen()) {
            // The call may have ended before the task was on the queue, where it would keep items.
            executor.remove(task);
        }
    }

    /// While a worker is being made, the executor counts it already, and queues other tasks for it.
    /// If that worker could not be made, and there is no other, nobody would take those tasks. So
    /// one more worker is tried. If that fails too, and no worker is left, their calls fail.
    private void replaceWorker() {
        try {
            if (!executor.getQueue().isEmpty()) {
                executor.prestartCoreThread();
            }
        } catch (Throwable again) {
            if (executor.getPoolSize() == 0) {
                for (Runnable queued : executor.getQueue()) {
                    if (queued instanceof Task task) {
                        task.call().stop(again);
                    }
                }
            }
        }
    }

    /// OPEN -> STOPPED. In any other state the failure stays as it is: the first one counts. Later
    /// ones are mostly caused by the interrupts.
    ///
    /// @return whether `reason` has become the failure
    final boolean stop(Throwable reason) {
        boolean first = tryStop(reason);
        afterChange();
        return first;
    }

    /// Ends the call if that can be, and tells the subclass of the change.
    private void afterChange() {
        try {
            endIfDone();
        } finally {
            // Even if there is no memory left to end the call.
            changed();
        }
    }

    private synchronized boolean tryStop(Throwable reason) {
        if (!isOpen()) {
            return false;
        }
        failure = reason;
        tasks.forEach(Task::interrupt);
        return true;
    }

    private synchronized boolean isOpen() {
        return failure == null && !ended;
    }

    /// OPEN or STOPPED -> ENDED, if no task runs and none will. Called after every change that may
    /// be the last one before the end. So several threads may come here at the same time.
    final void endIfDone() {
        if (isDone()) {
            try {
                end();
            } finally {
                // Even if there is no memory left to withdraw tasks.
                deliver();
            }
        }
    }

    private synchronized boolean isDone() {
        return running == 0 && (hasStopped() || isUsedUp());
    }

    /// OPEN or STOPPED -> ENDED, although tasks may still run: nobody waits for them any more.
    ///
    /// It does not deliver. [ThreadPool#terminate()] abandons all calls first and then delivers
    /// each of them, since a stage that depends on one call may wait for another. Such a stage also
    /// holds up the deliveries after it. So the last task that leaves an abandoned call delivers
    /// too.
    final void abandon(Throwable reason) {
        tryStop(reason);
        end();
        changed();
    }

    /// Withdraws the tasks that no worker has taken, since they hold items, and wakes those who
    /// wait for the call.
    private void end() {
        synchronized (this) {
            if (ended) {
                return;
            }
            ended = true;
        }
        try {
            if (!tasks.isEmpty()) {
                executor.getQueue().removeAll(tasks);
                // Makes an executor that is shut down check again whether its queue is empty.
                executor.purge();
            }
            whenEnded.accept(this);
        } finally {
            // Even if there is no memory left for the other steps.
            end.countDown();
        }
    }

    final void awaitEnd() throws InterruptedException {
        end.await();
    }

    /// Stops the call, because `reason` keeps its caller from the result, and waits for the tasks
    /// that run. If the caller was interrupted but something else is the failure, the interrupt
    /// stays in the status of its thread.
    ///
    /// @return whether `reason` has become the failure
    final boolean stopAndWait(Throwable reason) {
        // An input that was interrupted may throw something else and set the interrupt status
        // again.
        boolean interrupted = Thread.interrupted();
        boolean first = stop(reason);
        if (!first && reason instanceof InterruptedException) {
            interrupted = true;
        }
        awaitEndOrInterrupt();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return first;
    }

    /// Waits for the end. An interrupt ends the wait and stays in the status of the thread.
    final void awaitEndOrInterrupt() {
        try {
            awaitEnd();
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
        }
    }

    final boolean hasStopped() {
        return failure != null;
    }

    final Throwable failure() {
        return failure;
    }

    /// Throws the failure, if there is one, as the object that it is. The compiler cannot know its
    /// type, so the methods of the pool declare it.
    @SuppressWarnings("unchecked") // nothing is cast when the program runs
    final <E extends Throwable> void throwFailure() throws E {
        if (hasStopped()) {
            throw (E) failure;
        }
    }

    /// What a worker takes from the executor's queue.
    abstract class Task implements Runnable {

        /// Guarded by the monitor of the call.
        @SuppressWarnings("NullAway.Init") // null until it runs
        private Thread worker;

        abstract void work() throws Exception;

        @Override
        public final void run() {
            if (enter()) {
                try {
                    work();
                } catch (Throwable thrown) {
                    // Removed first, so that its own failure does not interrupt it.
                    tasks.remove(this);
                    stop(thrown);
                } finally {
                    leave();
                    afterChange();
                }
            }
        }

        private boolean enter() {
            synchronized (Call.this) {
                if (!isOpen()) {
                    return false;
                }
                running++;
                worker = Thread.currentThread();
                return true;
            }
        }

        private void leave() {
            synchronized (Call.this) {
                running--;
                tasks.remove(this);
                Thread.interrupted();
            }
        }

        private Call call() {
            return Call.this;
        }

        private void interrupt() {
            if (worker != null) {
                worker.interrupt();
            }
        }
    }
}

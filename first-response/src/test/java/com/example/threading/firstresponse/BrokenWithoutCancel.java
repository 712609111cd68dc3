package com.example.threading.firstresponse;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;

/// The Python program mended by half: failures are put on the queue too, and no caller waits for
/// ever.
///
/// Wrong: nobody tells the losers. Each goes on with work that no one waits for any more, and keeps
/// its connection, here and on the server, for as long as it takes.
final class BrokenWithoutCancel {

    private BrokenWithoutCancel() {}

    static <T> T race(List<Callable<T>> competitors)
            throws InterruptedException, ExecutionException {
        BlockingQueue<FutureTask<T>> finished = new LinkedBlockingQueue<>();
        for (Callable<T> competitor : competitors) {
            Thread.startVirtualThread(new FutureTask<>(competitor) {
                @Override
                protected void done() {
                    finished.add(this);
                }
            });
        }
        ExecutionException lastFailure = null;
        for (int left = competitors.size(); left > 0; left--) {
            try {
                return finished.take().get();
            } catch (ExecutionException e) {
                lastFailure = e;
            }
        }
        throw Objects.requireNonNull(lastFailure);
    }
}

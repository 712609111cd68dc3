package com.example.threading.firstresponse;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;

/// The well-known Python program, line by line: a daemon thread for each fetch puts the response on
/// a queue, the main thread takes one.
///
/// Wrong: a fetch that fails puts nothing on the queue, so when all fail the caller waits for ever.
final class BrokenQueueRace {

    private BrokenQueueRace() {}

    static <T> T race(List<Callable<T>> competitors) throws InterruptedException {
        BlockingQueue<T> responses = new LinkedBlockingQueue<>();
        for (Callable<T> competitor : competitors) {
            Thread.ofPlatform().daemon().start(() -> {
                try {
                    responses.add(competitor.call());
                } catch (Exception e) {
                    System.err.println("fetch failed: " + e);
                }
            });
        }
        return responses.take();
    }
}

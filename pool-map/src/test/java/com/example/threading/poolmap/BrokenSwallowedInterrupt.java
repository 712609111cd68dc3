package com.example.threading.poolmap;

import java.util.concurrent.BlockingQueue;

/// Broken: a function that catches its interrupt and goes on. Nothing can stop it. When another item
/// fails, or the caller is interrupted, the call waits for this function. A time-out of the future
/// does not wait, but the worker stays busy.
final class BrokenSwallowedInterrupt {

    private BrokenSwallowedInterrupt() {}

    static String take(BlockingQueue<String> replies) {
        while (true) {
            try {
                return replies.take();
            } catch (InterruptedException e) {
                // "Should not happen": the interrupt is lost here.
            }
        }
    }

    /// Right: a function of [ThreadPool#map] may throw the [InterruptedException].
    static String takeRightly(BlockingQueue<String> replies) throws InterruptedException {
        return replies.take();
    }
}

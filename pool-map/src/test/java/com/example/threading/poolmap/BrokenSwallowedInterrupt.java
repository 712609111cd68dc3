package com.example.threading.poolmap;

import java.util.concurrent.BlockingQueue;

/// Broken: a function that catches its interrupt and goes on. It cannot be cancelled: not by a
/// failure beside it, not by its caller, not by a deadline, and all of these wait for it.
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

    /// The cure: let it through. A function of [ThreadPool#map] may throw it.
    static String takeRightly(BlockingQueue<String> replies) throws InterruptedException {
        return replies.take();
    }
}

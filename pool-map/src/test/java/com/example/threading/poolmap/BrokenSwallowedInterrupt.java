package com.example.threading.poolmap;

import java.util.concurrent.BlockingQueue;

/// Broken: a function that catches its interrupt and goes on. It cannot be cancelled: a failure
/// beside it and an interrupted caller wait for it; a deadline does not, but its worker stays busy.
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

package com.example.threading.poolmap;

/// The kinds of workers that every claim about a pool is tested on.
enum Pools {
    PLATFORM, VIRTUAL, FACTORY;

    ThreadPool of(int workers) {
        return switch (this) {
            case PLATFORM -> new ThreadPool(workers);
            case VIRTUAL -> ThreadPool.ofVirtualThreads(workers);
            case FACTORY -> new ThreadPool(workers, this::thread);
        };
    }

    /// A thread of this kind, for a test whose own factory does something besides.
    Thread thread(Runnable work) {
        return this == VIRTUAL
                ? Thread.ofVirtual().unstarted(work)
                : Thread.ofPlatform().daemon().unstarted(work);
    }
}

package com.example.threading.poolmap;

/// The pools that the contract is tested on.
enum Pools {
    PLATFORM, VIRTUAL, FACTORY;

    ThreadPool of(int workers) {
        return switch (this) {
            case PLATFORM -> new ThreadPool(workers);
            case VIRTUAL -> ThreadPool.ofVirtualThreads(workers);
            case FACTORY -> new ThreadPool(workers, Thread.ofPlatform().daemon().factory());
        };
    }
}

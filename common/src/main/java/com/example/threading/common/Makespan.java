package com.example.threading.common;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.PriorityQueue;

/// How long a list of jobs takes when nothing but the jobs themselves takes time: the ideal that a
/// pool of workers is measured against.
public final class Makespan {
    private Makespan() {}

    /// {@return the time until the last job is done, if each worker that is free takes the next job
    /// of the list (Graham's list scheduling, 1966)}
    ///
    /// @param delays how long each job takes
    /// @param workers at least 1
    /// @throws IllegalArgumentException if there are fewer
    public static Duration of(List<Duration> delays, int workers) {
        if (workers < 1) {
            throw new IllegalArgumentException("expected 1 worker or more, but it is " + workers);
        }
        var freeAt = new PriorityQueue<Duration>(Collections.nCopies(workers, Duration.ZERO));
        Duration end = Duration.ZERO;
        for (Duration delay : delays) {
            Duration done = freeAt.remove().plus(delay);
            freeAt.add(done);
            end = Collections.max(List.of(end, done));
        }
        return end;
    }
}

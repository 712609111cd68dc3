package com.example.threading.poolmap;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.function.Function;

/// Broken: the workers add their results to one list. Even if the list is thread-safe, the results
/// are in the order of completion. If it is not, some of them are lost: `add` first writes an
/// element and then counts it, and two workers may write to the same place.
final class BrokenSharedList {

    private BrokenSharedList() {}

    /// @param results what the workers add to; most people take an [ArrayList]
    static <T, R> List<R> map(Function<T, R> function, List<T> items, List<R> results) {
        try (var executor = Executors.newFixedThreadPool(2)) {
            for (T item : items) {
                executor.execute(() -> results.add(function.apply(item)));
            }
        }
        return results;
    }

    /// Its `add` does what that of an [ArrayList] does, and lets a test act between the two steps.
    static final class SteppedList<E> extends AbstractList<E> {
        private final List<E> elements;
        private final Runnable betweenReadAndWrite;
        private int size;

        SteppedList(int capacity, E filler, Runnable betweenReadAndWrite) {
            this.elements = new ArrayList<>(Collections.nCopies(capacity, filler));
            this.betweenReadAndWrite = betweenReadAndWrite;
        }

        @Override
        public boolean add(E element) {
            int index = size;
            betweenReadAndWrite.run();
            elements.set(index, element);
            size = index + 1;
            return true;
        }

        @Override
        public E get(int index) {
            return elements.get(index);
        }

        @Override
        public int size() {
            return size;
        }
    }
}

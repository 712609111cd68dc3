package com.example.threading.poolmap;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.function.Function;

/// Broken: the workers add their results to one list. Even when the list survives that, results
/// stand in the order of completion; and a list that is not made for it loses some of them, for
/// `add` writes an element and then counts it, and two workers may do so at the same time.
final class BrokenSharedList {

    private BrokenSharedList() {}

    /// @param results what the workers add to: an [ArrayList], as people write it
    static <T, R> List<R> map(Function<T, R> function, List<T> items, List<R> results) {
        try (var executor = Executors.newFixedThreadPool(2)) {
            for (T item : items) {
                executor.execute(() -> results.add(function.apply(item)));
            }
        }
        return results;
    }

    /// The `add` of an [ArrayList], step by step, with a place for a test to stop between two.
    static final class SteppedList<E> extends AbstractList<E> {
        private final List<E> elements;
        private final Runnable betweenReadAndWrite;
        private int size;

        SteppedList(int capacity, E filler, Runnable betweenReadAndWrite) {
            this.elements = new ArrayList<>(java.util.Collections.nCopies(capacity, filler));
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

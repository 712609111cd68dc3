package com.example.threading.poolmap;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.AbstractIterator;
import com.google.common.collect.Iterables;
import com.google.common.collect.Streams;
import java.util.Collections;
import java.util.Iterator;
import org.apache.commons.lang3.tuple.Pair;
import org.apache.commons.lang3.tuple.Triple;

/// Inputs for [ThreadPool#starmap], made lazily from other inputs, after Python's `zip` and
/// `itertools.repeat`.
public final class Zip {

    private Zip() {}

    /// Pairs the items of two inputs, up to the end of the shorter one, lazily.
    ///
    /// @param first gives the left parts
    /// @param second gives the right parts
    /// @param <A> a left part
    /// @param <B> a right part
    /// @return the pairs; each iteration reads both inputs anew
    public static <A, B> Iterable<Pair<A, B>> zip(
            Iterable<? extends A> first, Iterable<? extends B> second) {
        requireNonNull(first, "first");
        requireNonNull(second, "second");
        return () -> Streams.zip(Streams.stream(first), Streams.stream(second), Pair::<A, B>of)
                .iterator();
    }

    /// As [#zip(Iterable, Iterable)], but refuses inputs of unequal length: the iteration throws
    /// an [IllegalArgumentException] where one of them ends before the other.
    ///
    /// @param first gives the left parts
    /// @param second gives the right parts
    /// @param <A> a left part
    /// @param <B> a right part
    /// @return the pairs; each iteration reads both inputs anew
    public static <A, B> Iterable<Pair<A, B>> zipStrict(
            Iterable<? extends A> first, Iterable<? extends B> second) {
        requireNonNull(first, "first");
        requireNonNull(second, "second");
        return () -> new StrictZip<>(first.iterator(), second.iterator());
    }

    /// Joins the items of three inputs, up to the end of the shortest one, lazily.
    ///
    /// @param first gives the left parts
    /// @param second gives the middle parts
    /// @param third gives the right parts
    /// @param <A> a left part
    /// @param <B> a middle part
    /// @param <C> a right part
    /// @return the triples; each iteration reads the inputs anew
    public static <A, B, C> Iterable<Triple<A, B, C>> zip(Iterable<? extends A> first,
            Iterable<? extends B> second, Iterable<? extends C> third) {
        requireNonNull(third, "third");
        Iterable<Pair<A, B>> pairs = zip(first, second);
        return () -> Streams.zip(Streams.stream(pairs), Streams.stream(third),
                (pair, c) -> Triple.<A, B, C>of(pair.getLeft(), pair.getRight(), c)).iterator();
    }

    /// The same value without end, as the constant side of a [#zip(Iterable, Iterable)].
    ///
    /// @param value what every item is
    /// @param <T> its type
    /// @return an infinite input: only [ThreadPool#imap] and [ThreadPool#imapUnordered] can take
    ///   it on its own
    public static <T> Iterable<T> repeat(T value) {
        return Iterables.cycle(Collections.singleton(value));
    }

    /// Pairs two inputs and refuses to go on when only one of them has ended.
    private static final class StrictZip<A, B> extends AbstractIterator<Pair<A, B>> {

        private final Iterator<? extends A> first;
        private final Iterator<? extends B> second;
        private int pairs;

        StrictZip(Iterator<? extends A> first, Iterator<? extends B> second) {
            this.first = first;
            this.second = second;
        }

        /// Asks each input only once whether it goes on, since reaching the end may have side
        /// effects.
        @Override
        @SuppressWarnings("NullAway") // the null of endOfData is not given on
        protected Pair<A, B> computeNext() {
            boolean more = first.hasNext();
            checkArgument(more == second.hasNext(),
                    "inputs of unequal length: the %s one ended after %s items",
                    more ? "second" : "first", pairs);
            pairs++;
            return more ? Pair.of(first.next(), second.next()) : endOfData();
        }
    }
}

package com.example.threading.poolmap;

import static java.util.Objects.requireNonNull;

import org.apache.commons.lang3.tuple.Pair;
import org.apache.commons.lang3.tuple.Triple;

/// A function that may fail with an `E` and may be interrupted.
///
/// [InterruptedException] is declared separately from `E`. So a function that throws
/// [java.io.IOException] and [InterruptedException] makes `map` throw an `IOException`, and not the
/// nearest type that both have in common, [Exception].
///
/// @param <T> its parameter
/// @param <R> its result
/// @param <E> what it throws; inferred as [RuntimeException] if it declares nothing
@FunctionalInterface
public interface InterruptibleFunction<T, R, E extends Exception> {

    /// Applies the function.
    ///
    /// @param item what it is applied to
    /// @return the result
    /// @throws E if it fails
    /// @throws InterruptedException if it was interrupted, as it is when its call has been stopped
    R apply(T item) throws E, InterruptedException;

    /// Turns a function of two parameters into one of pairs, for the methods of a pool that take a
    /// function of one parameter: `pool.imap(spread(Fetch::body), zip(hosts, paths))`.
    ///
    /// @param function takes the parts
    /// @param <A> the left part
    /// @param <B> the right part
    /// @param <R> a result
    /// @param <E> what `function` throws
    /// @return takes the pair
    static <A, B, R, E extends Exception> InterruptibleFunction<Pair<A, B>, R, E> spread(
            OfTwo<? super A, ? super B, ? extends R, E> function) {
        requireNonNull(function, "function");
        return pair -> function.apply(pair.getLeft(), pair.getRight());
    }

    /// Turns a function of three parameters into one of triples.
    ///
    /// @param function takes the parts
    /// @param <A> the left part
    /// @param <B> the middle part
    /// @param <C> the right part
    /// @param <R> a result
    /// @param <E> what `function` throws
    /// @return takes the triple
    static <A, B, C, R, E extends Exception> InterruptibleFunction<Triple<A, B, C>, R, E> spread(
            OfThree<? super A, ? super B, ? super C, ? extends R, E> function) {
        requireNonNull(function, "function");
        return triple -> function.apply(
                triple.getLeft(), triple.getMiddle(), triple.getRight());
    }

    /// An [InterruptibleFunction] of two parameters.
    ///
    /// @param <A> its first parameter
    /// @param <B> its second parameter
    /// @param <R> its result
    /// @param <E> what it throws
    @FunctionalInterface
    interface OfTwo<A, B, R, E extends Exception> {
        /// Applies the function.
        ///
        /// @param first the left part of the item
        /// @param second the right part of the item
        /// @return the result
        /// @throws E if it fails
        /// @throws InterruptedException as [InterruptibleFunction#apply]
        R apply(A first, B second) throws E, InterruptedException;
    }

    /// An [InterruptibleFunction] of three parameters.
    ///
    /// @param <A> its first parameter
    /// @param <B> its second parameter
    /// @param <C> its third parameter
    /// @param <R> its result
    /// @param <E> what it throws
    @FunctionalInterface
    interface OfThree<A, B, C, R, E extends Exception> {
        /// Applies the function.
        ///
        /// @param first the left part of the item
        /// @param second the middle part of the item
        /// @param third the right part of the item
        /// @return the result
        /// @throws E if it fails
        /// @throws InterruptedException as [InterruptibleFunction#apply]
        R apply(A first, B second, C third) throws E, InterruptedException;
    }
}

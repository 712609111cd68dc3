package com.example.threading.poolmap;

import static java.util.Objects.requireNonNull;

/// The outcome of one item: a result, or an exception. For calls that should go on when an item
/// fails, and report at the end what succeeded and what did not, as JavaScript's
/// `Promise.allSettled` does.
///
/// ```java
/// for (Outcome<URI, String> outcome : pool.map(settled(this::fetch), urls)) {
///     switch (outcome) {
///         case Success<URI, String>(URI url, String body) -> save(url, body);
///         case Failure<URI, String>(URI url, Exception e) -> log(url, e);
///     }
/// }
/// ```
///
/// @param <T> the item
/// @param <R> the result
public sealed interface Outcome<T, R> {

    /// The item that the function was applied to.
    ///
    /// @return it
    T item();

    /// The function returned.
    ///
    /// @param item what it was applied to
    /// @param result what it returned
    /// @param <T> the item
    /// @param <R> the result
    record Success<T, R>(T item, R result) implements Outcome<T, R> {}

    /// The function threw.
    ///
    /// @param item what it was applied to
    /// @param exception the very object that it threw
    /// @param <T> the item
    /// @param <R> the result
    record Failure<T, R>(T item, Exception exception) implements Outcome<T, R> {}

    /// Wraps a function so that an exception becomes an outcome instead of ending the call. Every
    /// method of [ThreadPool] but `starmap` takes the wrapped function. In place of `starmap`, wrap
    /// what `InterruptibleFunction.spread` returns, and pass it to `map`.
    ///
    /// Two things still end the call. One is an [Error]: it means that something is wrong with the
    /// program, not with the item. The other is an [InterruptedException]: it means that somebody
    /// wants the work to stop. A plain `catch (Exception e)` would catch that too, and the worker
    /// would go on.
    ///
    /// @param function what is wrapped
    /// @param <T> the item
    /// @param <R> the result
    /// @return a function that throws no exception but [InterruptedException]
    static <T, R> InterruptibleFunction<T, Outcome<T, R>, RuntimeException> settled(
            InterruptibleFunction<? super T, ? extends R, ?> function) {
        requireNonNull(function, "function");
        return item -> {
            try {
                return new Success<>(item, function.apply(item));
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                return new Failure<>(item, e);
            }
        };
    }
}

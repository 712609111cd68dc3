package com.example.threading.poolmap;

import static com.example.threading.poolmap.Zip.repeat;
import static com.example.threading.poolmap.Zip.zip;

import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.commons.lang3.exception.ExceptionUtils;

/// The members that take a function, each called so that its caller waits for all the results:
/// what is promised for every member is tested on every one.
enum Member {
    MAP {
        @Override
        <T, R> List<R> call(ThreadPool pool, InterruptibleFunction<T, R, Exception> function,
                Iterable<T> items) throws Exception {
            return pool.map(function, items);
        }
    },
    STARMAP {
        @Override
        <T, R> List<R> call(ThreadPool pool, InterruptibleFunction<T, R, Exception> function,
                Iterable<T> items) throws Exception {
            return pool.starmap((_, item) -> function.apply(item), zip(repeat("constant"), items));
        }
    },
    MAP_ASYNC {
        @Override
        <T, R> List<R> call(ThreadPool pool, InterruptibleFunction<T, R, Exception> function,
                Iterable<T> items) throws Exception {
            CompletableFuture<List<R>> future = pool.mapAsync(function, items);
            try {
                return future.get();
            } catch (InterruptedException e) {
                future.cancel(true);
                throw e;
            } catch (ExecutionException | CancellationException _) {
                // get() wraps what the future was completed with; handle() does not.
                return ExceptionUtils.rethrow(future.handle((_, thrown) -> thrown).join());
            }
        }
    },
    IMAP {
        @Override
        <T, R> List<R> call(ThreadPool pool, InterruptibleFunction<T, R, Exception> function,
                Iterable<T> items) throws Exception {
            try (Stream<R> results = pool.imap(function, items)) {
                return results.toList();
            }
        }
    },
    IMAP_UNORDERED {
        @Override
        <T, R> List<R> call(ThreadPool pool, InterruptibleFunction<T, R, Exception> function,
                Iterable<T> items) throws Exception {
            try (Stream<R> results = pool.imapUnordered(function, items)) {
                return results.toList();
            }
        }
    };

    abstract <T, R> List<R> call(ThreadPool pool, InterruptibleFunction<T, R, Exception> function,
            Iterable<T> items) throws Exception;
}

package com.example.threading.firstresponse;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/// The shortest way that comes to mind, and a trap.
///
/// Wrong: `anyOf` is completed by the first competitor that *completes*, and a failure completes it
/// too. The mirror that refuses the connection is the fastest of all.
final class BrokenAnyOf {

    private BrokenAnyOf() {}

    static Object race(List<Supplier<String>> competitors) {
        return CompletableFuture.anyOf(competitors.stream()
                .map(CompletableFuture::supplyAsync)
                .toArray(CompletableFuture<?>[]::new))
                .join();
    }
}

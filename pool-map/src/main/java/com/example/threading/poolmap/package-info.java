/// A parallel map over a pool of workers. The file to read first is `ThreadPool`, which says what is
/// promised; `Call`, `MapCall` and `LazyCall` keep the promises and are copied with it. `Zip` makes
/// inputs for it, and `UrlTimings` shows it at work.
@NullMarked
package com.example.threading.poolmap;

import org.jspecify.annotations.NullMarked;

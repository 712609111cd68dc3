/// A parallel map over a pool of workers. Read `ThreadPool` first: it says what is promised. `Call`,
/// `MapCall` and `LazyCall` keep the promises and are copied with it, and so is
/// `InterruptibleFunction`, the type of a pool's function. Two files are optional: `Zip` makes
/// inputs for `starmap`, and `Outcome` lets a call go on after a failure.
@NullMarked
package com.example.threading.poolmap;

import org.jspecify.annotations.NullMarked;

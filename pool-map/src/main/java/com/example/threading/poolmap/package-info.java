/// A parallel map over a pool of workers. Read `ThreadPool` first: it is the API and documents the
/// promises. `Call`, `MapCall` and `LazyCall` implement them. `InterruptibleFunction` is the type
/// of a pool's function. Copy these five files together. Two more are optional: `Zip` makes inputs
/// for `starmap`, and `Outcome` lets a call go on after a failure.
@NullMarked
package com.example.threading.poolmap;

import org.jspecify.annotations.NullMarked;

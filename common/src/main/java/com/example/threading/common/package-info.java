/// What the examples and the tests stand on: a fake server with chosen latencies, and what tests
/// share. Read `FakeLatencyServer` first. No pattern file imports this package.
@NullMarked
package com.example.threading.common;

import org.jspecify.annotations.NullMarked;

/// A thread that carries its own input and its own result. `SummingThread` is the file to read
/// first, and to copy; `RangeSum` starts several and adds their totals.
@NullMarked
package com.example.threading.summingthreads;

import org.jspecify.annotations.NullMarked;

/// A thread that carries its own input and its own result. The file to read, and to copy, is
/// `SummingThread`; `RangeSum` starts several and adds what they found.
@NullMarked
package com.example.threading.summingthreads;

import org.jspecify.annotations.NullMarked;

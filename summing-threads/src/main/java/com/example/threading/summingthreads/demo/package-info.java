/// The runnable example of the summing threads.
@NullMarked
package com.example.threading.summingthreads.demo;

import org.jspecify.annotations.NullMarked;

/// Several competitors, a queue, and the first success wins. The file to read, and to copy, is
/// `FirstResponse`. The package `demo` holds `FastestMirror`, a complete program that uses it.
@NullMarked
package com.example.threading.firstresponse;

import org.jspecify.annotations.NullMarked;

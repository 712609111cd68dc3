/// A parallel map over a pool of workers. The file to read, and to copy, is `ThreadPool`;
/// `UrlTimings` shows it at work.
@NullMarked
package com.example.threading.poolmap;

import org.jspecify.annotations.NullMarked;

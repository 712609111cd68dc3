/// `UrlTimings` shows the pool at work. Nothing here is needed to use the pool.
@NullMarked
package com.example.threading.poolmap.demo;

import org.jspecify.annotations.NullMarked;

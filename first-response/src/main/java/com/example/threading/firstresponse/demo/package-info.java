/// A complete program that uses the pattern. Nothing here has to be copied with it.
@NullMarked
package com.example.threading.firstresponse.demo;

import org.jspecify.annotations.NullMarked;

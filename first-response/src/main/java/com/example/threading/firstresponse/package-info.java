/// Several competitors, a queue, and the first success wins. The file to read, and to copy, is
/// `FirstResponse`; `FastestMirror` shows it at work.
@NullMarked
package com.example.threading.firstresponse;

import org.jspecify.annotations.NullMarked;

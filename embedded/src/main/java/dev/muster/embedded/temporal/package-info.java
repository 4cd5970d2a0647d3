/** Temporal inside this JVM, in real time and on the loopback only: for the demo and tests, where no server is given. */
@NullMarked
package dev.muster.embedded.temporal;

import org.jspecify.annotations.NullMarked;

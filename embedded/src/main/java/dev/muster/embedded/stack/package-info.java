/** The whole of Muster on one machine, each worker a process of its own: for the demo and for tests. */
@NullMarked
package dev.muster.embedded.stack;

import org.jspecify.annotations.NullMarked;

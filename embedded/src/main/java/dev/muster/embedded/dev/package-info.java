/** {@code muster dev}: the whole of Muster with one system on one machine, up until it is told to end. */
@NullMarked
package dev.muster.embedded.dev;

import org.jspecify.annotations.NullMarked;

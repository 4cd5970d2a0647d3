/** Which repository a command works on, and what opens it. */
@NullMarked
package dev.muster.cli.opening;

import org.jspecify.annotations.NullMarked;

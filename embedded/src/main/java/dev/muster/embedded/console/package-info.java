/** What a run prints while it goes on. */
@NullMarked
package dev.muster.embedded.console;

import org.jspecify.annotations.NullMarked;

/** Backs up what comes from standard input, and gives it back. */
@NullMarked
package dev.muster.sources.streams;

import org.jspecify.annotations.NullMarked;

/** Tests of streams. */
@NullMarked
package dev.muster.sources.streams;

import org.jspecify.annotations.NullMarked;

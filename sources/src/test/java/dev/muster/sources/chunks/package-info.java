/** Tests of chunks. */
@NullMarked
package dev.muster.sources.chunks;

import org.jspecify.annotations.NullMarked;

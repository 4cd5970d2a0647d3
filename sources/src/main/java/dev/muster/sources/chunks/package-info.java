/** Cuts content into frames where the content itself says so, and finds those that an older backup has. */
@NullMarked
package dev.muster.sources.chunks;

import org.jspecify.annotations.NullMarked;

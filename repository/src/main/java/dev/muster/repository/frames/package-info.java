/** Compressed and hashed pieces of content, and the objects that are rows of them. */
@NullMarked
package dev.muster.repository.frames;

import org.jspecify.annotations.NullMarked;

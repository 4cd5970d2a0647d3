/** A store in which nothing can be changed. */
@NullMarked
package dev.muster.storage.readonly;

import org.jspecify.annotations.NullMarked;

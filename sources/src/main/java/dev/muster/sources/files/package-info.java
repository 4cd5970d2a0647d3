/** Backs up directory trees. */
@NullMarked
package dev.muster.sources.files;

import org.jspecify.annotations.NullMarked;

/** The entries of a backup by path, in bounded memory. */
@NullMarked
package dev.muster.sources.entries;

import org.jspecify.annotations.NullMarked;

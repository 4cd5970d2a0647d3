/** Brings a directory tree back, and never writes outside of its target. */
@NullMarked
package dev.muster.sources.restore;

import org.jspecify.annotations.NullMarked;

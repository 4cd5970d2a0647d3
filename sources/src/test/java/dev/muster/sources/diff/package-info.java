/** Tests of diff. */
@NullMarked
package dev.muster.sources.diff;

import org.jspecify.annotations.NullMarked;

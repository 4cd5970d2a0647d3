/** Tests of restore. */
@NullMarked
package dev.muster.sources.restore;

import org.jspecify.annotations.NullMarked;

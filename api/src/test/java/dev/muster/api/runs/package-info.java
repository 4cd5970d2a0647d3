/** Tests of runs without a server. */
@NullMarked
package dev.muster.api.runs;

import org.jspecify.annotations.NullMarked;

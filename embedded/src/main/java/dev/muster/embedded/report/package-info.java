/** The report of a run: what was done, where, how long it took, and whether the objectives were met. */
@NullMarked
package dev.muster.embedded.report;

import org.jspecify.annotations.NullMarked;

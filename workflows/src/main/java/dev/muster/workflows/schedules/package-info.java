/** Runs that start by themselves: what Temporal's schedules start, and the board on which they are kept. */
@NullMarked
package dev.muster.workflows.schedules;

import org.jspecify.annotations.NullMarked;

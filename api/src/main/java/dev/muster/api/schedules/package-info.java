/** Schedules on the Temporal server, and their log in the catalogue. */
@NullMarked
package dev.muster.api.schedules;

import org.jspecify.annotations.NullMarked;

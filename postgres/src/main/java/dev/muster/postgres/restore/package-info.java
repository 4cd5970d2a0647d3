/** Brings a backup back to disk and lets PostgreSQL recover it to a point in time, as a copy that can do no harm. */
@NullMarked
package dev.muster.postgres.restore;

import org.jspecify.annotations.NullMarked;

/** A copy of a database on this host: restored, replayed, checked, used, removed. */
@NullMarked
package dev.muster.activities.recovery;

import org.jspecify.annotations.NullMarked;

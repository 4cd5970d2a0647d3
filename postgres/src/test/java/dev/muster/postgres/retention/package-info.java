/** Which WAL the backups of a cluster need, and the safe end of the rest. */
@NullMarked
package dev.muster.postgres.retention;

import org.jspecify.annotations.NullMarked;

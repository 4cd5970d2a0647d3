/** Failback: what an old primary wrote that nobody else has, its salvage, and its return as a standby. */
@NullMarked
package dev.muster.postgres.rejoin;

import org.jspecify.annotations.NullMarked;

/** Standbys from backups, against real servers. */
@NullMarked
package dev.muster.postgres.standby;

import org.jspecify.annotations.NullMarked;

/** Says what differs between a backup and a directory, or between two backups. */
@NullMarked
package dev.muster.sources.diff;

import org.jspecify.annotations.NullMarked;

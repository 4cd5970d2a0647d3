/** The write-ahead log: received, archived, and read back as one stream of bytes per timeline. */
@NullMarked
package dev.muster.postgres.wal;

import org.jspecify.annotations.NullMarked;

/** PostgreSQL's archive_command: WAL that the server hands over file by file, where it cannot be received as a stream. */
@NullMarked
package dev.muster.postgres.archiving;

import org.jspecify.annotations.NullMarked;

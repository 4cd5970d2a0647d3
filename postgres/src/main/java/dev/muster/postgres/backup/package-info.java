/** Physical backup of a running PostgreSQL: reads its files on the host, in parallel, into the repository. */
@NullMarked
package dev.muster.postgres.backup;

import org.jspecify.annotations.NullMarked;

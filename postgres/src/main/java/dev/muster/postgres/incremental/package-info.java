/** Which blocks of which relations changed since an earlier backup, as the server's WAL summaries say. */
@NullMarked
package dev.muster.postgres.incremental;

import org.jspecify.annotations.NullMarked;

/** Reads PostgreSQL's WAL without a server: records, what each transaction did, and what relations were called then. */
@NullMarked
package dev.muster.postgres.walscan;

import org.jspecify.annotations.NullMarked;

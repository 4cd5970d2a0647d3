/** What the process behind a WAL spool says of itself, for who looks at the folder from outside. */
@NullMarked
package dev.muster.postgres.spool;

import org.jspecify.annotations.NullMarked;

/** Brings the rows that one transaction deleted back into the live database, from a copy recovered to just before it. */
@NullMarked
package dev.muster.postgres.rowreturn;

import org.jspecify.annotations.NullMarked;

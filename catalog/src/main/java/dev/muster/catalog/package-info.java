/** The catalogue in PostgreSQL: the records of runs, and an index of the stores that can be rebuilt from them. */
@NullMarked
package dev.muster.catalog;

import org.jspecify.annotations.NullMarked;

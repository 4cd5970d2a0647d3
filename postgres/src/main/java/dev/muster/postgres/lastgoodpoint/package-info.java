/** Finds, from the store alone, the transaction that destroyed data and the last good position before it. */
@NullMarked
package dev.muster.postgres.lastgoodpoint;

import org.jspecify.annotations.NullMarked;

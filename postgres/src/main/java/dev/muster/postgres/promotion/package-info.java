/** Hands the role of the primary over: demote, let the target reach the last position, promote, rejoin. */
@NullMarked
package dev.muster.postgres.promotion;

import org.jspecify.annotations.NullMarked;

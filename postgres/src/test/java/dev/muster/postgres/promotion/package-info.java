/** Switchovers between real servers. */
@NullMarked
package dev.muster.postgres.promotion;

import org.jspecify.annotations.NullMarked;

/** What follows from observations, against models and real servers. */
@NullMarked
package dev.muster.postgres.members;

import org.jspecify.annotations.NullMarked;

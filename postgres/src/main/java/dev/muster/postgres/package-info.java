/** Physical backup, WAL receiving, restore, recovery and checks of PostgreSQL. Knows no Temporal. */
@NullMarked
package dev.muster.postgres;

import org.jspecify.annotations.NullMarked;

/** The demo's primary: a small PostgreSQL on the loopback, configured as a production primary would be. */
@NullMarked
package dev.muster.embedded.database;

import org.jspecify.annotations.NullMarked;

/** The host's fence: PostgreSQL is stopped, proved down, and does not start again until a person lifts the fence. */
@NullMarked
package dev.muster.postgres.fence;

import org.jspecify.annotations.NullMarked;

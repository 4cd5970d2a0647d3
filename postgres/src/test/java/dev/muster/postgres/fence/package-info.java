/** The host's fence against a real PostgreSQL. */
@org.jspecify.annotations.NullMarked
package dev.muster.postgres.fence;

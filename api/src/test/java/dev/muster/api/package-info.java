/** The API over real HTTP, with the catalogue on a real PostgreSQL and Temporal in this JVM. */
@NullMarked
package dev.muster.api;

import org.jspecify.annotations.NullMarked;

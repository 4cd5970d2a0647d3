/** PostgreSQL's programs and a server process on this host: initialise, start, stop, find again. */
@NullMarked
package dev.muster.postgres.instance;

import org.jspecify.annotations.NullMarked;

/** Unpacks PostgreSQL's own programs from the class path, so that demo and tests need no installed server. */
@NullMarked
package dev.muster.postgresbinaries;

import org.jspecify.annotations.NullMarked;

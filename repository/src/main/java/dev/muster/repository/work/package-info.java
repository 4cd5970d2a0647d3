/** Many small pieces of work on a few threads, with a bound on what waits. */
@NullMarked
package dev.muster.repository.work;

import org.jspecify.annotations.NullMarked;

/** Repositories for tests, small enough to be damaged bit by bit. */
@NullMarked
package dev.muster.repository.testing;

import org.jspecify.annotations.NullMarked;

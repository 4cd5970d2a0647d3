/** Repositories in stores that lock objects. */
@NullMarked
package dev.muster.repository.locks;

import org.jspecify.annotations.NullMarked;

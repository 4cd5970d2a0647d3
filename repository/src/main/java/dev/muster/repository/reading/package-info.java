/** Restores announce themselves in the repository, so that no expiry takes away what they read. */
@NullMarked
package dev.muster.repository.reading;

import org.jspecify.annotations.NullMarked;

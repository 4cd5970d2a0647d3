/** Restores that announce themselves, shown with a real repository. */
@NullMarked
package dev.muster.repository.reading;

import org.jspecify.annotations.NullMarked;

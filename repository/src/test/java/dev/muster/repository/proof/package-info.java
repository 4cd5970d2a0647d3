/** What a store alone proves, against damage, loss and looks that came half-way. */
@NullMarked
package dev.muster.repository.proof;

import org.jspecify.annotations.NullMarked;

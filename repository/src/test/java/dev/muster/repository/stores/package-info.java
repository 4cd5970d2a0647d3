/** Backups in stores of every kind, and what fails there. */
@NullMarked
package dev.muster.repository.stores;

import org.jspecify.annotations.NullMarked;

/** The encrypted backup format of a store: backups are written, listed, read and verified here. */
@NullMarked
package dev.muster.repository;

import org.jspecify.annotations.NullMarked;

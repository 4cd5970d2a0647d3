/** The encrypted backup format. */
@NullMarked
package dev.muster.repository;

import org.jspecify.annotations.NullMarked;

/** Tests of what the drivers behind a network share. */
@NullMarked
package dev.muster.storage.transfer;

import org.jspecify.annotations.NullMarked;

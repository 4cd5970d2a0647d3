/** Tests of what the drivers of stores behind a network share. */
@NullMarked
package dev.muster.storage.transfer;

import org.jspecify.annotations.NullMarked;

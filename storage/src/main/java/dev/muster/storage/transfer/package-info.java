/** How objects travel to and from stores behind a network: in parts, tried again a known number of times, never short. */
@NullMarked
package dev.muster.storage.transfer;

import org.jspecify.annotations.NullMarked;

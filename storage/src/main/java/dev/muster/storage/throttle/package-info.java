/** A store that takes no more of the network than it may. */
@NullMarked
package dev.muster.storage.throttle;

import org.jspecify.annotations.NullMarked;

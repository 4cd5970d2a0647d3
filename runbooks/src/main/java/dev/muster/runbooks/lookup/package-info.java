/** Asks whether the hosts that a system's description names are known here: the only place of this module with a network. */
@NullMarked
package dev.muster.runbooks.lookup;

import org.jspecify.annotations.NullMarked;

/** Master keys, the slots that hold them wrapped in the store, and the key file that unwraps them. */
@NullMarked
package dev.muster.repository.keys;

import org.jspecify.annotations.NullMarked;

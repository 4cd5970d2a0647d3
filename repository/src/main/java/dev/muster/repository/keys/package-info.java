/** Master keys, the slots that hold them wrapped in the store, what unwraps them, and how they are changed. */
@NullMarked
package dev.muster.repository.keys;

import org.jspecify.annotations.NullMarked;

/** How the bytes of one object are encrypted, and read again in any order. */
@NullMarked
package dev.muster.repository.encryption;

import org.jspecify.annotations.NullMarked;

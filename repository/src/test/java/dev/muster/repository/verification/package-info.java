/** Damage and loss that each level of a look must find. */
@NullMarked
package dev.muster.repository.verification;

import org.jspecify.annotations.NullMarked;

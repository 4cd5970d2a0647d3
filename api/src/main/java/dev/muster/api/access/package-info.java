/** Who calls and what that person may do; every refusal is kept. */
@NullMarked
package dev.muster.api.access;

import org.jspecify.annotations.NullMarked;

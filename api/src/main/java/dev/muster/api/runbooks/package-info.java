/** Shipped runbooks, and the validation of others. */
@NullMarked
package dev.muster.api.runbooks;

import org.jspecify.annotations.NullMarked;

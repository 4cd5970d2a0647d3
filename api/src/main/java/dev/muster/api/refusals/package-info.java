/** What was refused, to whom and why. */
@NullMarked
package dev.muster.api.refusals;

import org.jspecify.annotations.NullMarked;

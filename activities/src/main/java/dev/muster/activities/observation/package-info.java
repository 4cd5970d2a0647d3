/** Looking at databases and repositories before a plan is made. Touches nothing. */
@NullMarked
package dev.muster.activities.observation;

import org.jspecify.annotations.NullMarked;

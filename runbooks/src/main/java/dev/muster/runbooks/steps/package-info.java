/** The step catalogue: every type of step that a plan can hold. */
@NullMarked
package dev.muster.runbooks.steps;

import org.jspecify.annotations.NullMarked;

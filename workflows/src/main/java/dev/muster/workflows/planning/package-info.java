/** Resolving a request, observing the live state and compiling the plan. */
@NullMarked
package dev.muster.workflows.planning;

import org.jspecify.annotations.NullMarked;

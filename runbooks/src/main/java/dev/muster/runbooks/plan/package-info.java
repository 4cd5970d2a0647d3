/** Plans: compiled from a runbook, a system and what was observed; stored as canonical bytes under their hash. */
@NullMarked
package dev.muster.runbooks.plan;

import org.jspecify.annotations.NullMarked;

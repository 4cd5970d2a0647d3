/** The runbook language and its compiler. */
@NullMarked
package dev.muster.runbooks;

import org.jspecify.annotations.NullMarked;

/** The runbook language: what a runbook and a system say, and how a problem with them is told. */
@NullMarked
package dev.muster.runbooks;

import org.jspecify.annotations.NullMarked;

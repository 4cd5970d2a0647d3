/** The scenarios that bring a copy of a database up: point-in-time recovery and restore test. */
@NullMarked
package dev.muster.workflows.recovery;

import org.jspecify.annotations.NullMarked;

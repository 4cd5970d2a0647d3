/** {@code muster schedules}: what starts by itself, from files to the Temporal server and back. */
@NullMarked
package dev.muster.cli.schedules;

import org.jspecify.annotations.NullMarked;

/** Verbs for systems, their backups and the points that they can be brought back to. */
@NullMarked
package dev.muster.cli.systems;

import org.jspecify.annotations.NullMarked;

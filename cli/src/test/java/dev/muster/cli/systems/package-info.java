/** Verbs for systems. */
@NullMarked
package dev.muster.cli.systems;

import org.jspecify.annotations.NullMarked;

/** The operator's command line. */
@NullMarked
package dev.muster.cli;

import org.jspecify.annotations.NullMarked;

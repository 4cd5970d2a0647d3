/** Tests of the package. */
@NullMarked
package dev.muster.cli.runs;

import org.jspecify.annotations.NullMarked;

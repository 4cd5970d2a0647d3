/** Tests of the package. */
@NullMarked
package dev.muster.cli.output;

import org.jspecify.annotations.NullMarked;

/** Tests of the package. */
@NullMarked
package dev.muster.cli.context;

import org.jspecify.annotations.NullMarked;

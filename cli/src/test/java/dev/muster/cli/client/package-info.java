/** Tests of the package. */
@NullMarked
package dev.muster.cli.client;

import org.jspecify.annotations.NullMarked;

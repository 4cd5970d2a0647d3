/** Tests of {@code muster repo keys}. */
@NullMarked
package dev.muster.cli.keys;

import org.jspecify.annotations.NullMarked;

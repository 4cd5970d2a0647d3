/** {@code muster repo keys}: who opens a repository, changed by who can open it. */
@NullMarked
package dev.muster.cli.keys;

import org.jspecify.annotations.NullMarked;

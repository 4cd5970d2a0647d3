/** The installations that the command line knows: where each one's API is and where its token is found. */
@NullMarked
package dev.muster.cli.context;

import org.jspecify.annotations.NullMarked;

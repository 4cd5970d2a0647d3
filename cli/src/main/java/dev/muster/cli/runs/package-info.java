/** Verbs for runs over the API: starting, listing, following, approving. */
@NullMarked
package dev.muster.cli.runs;

import org.jspecify.annotations.NullMarked;

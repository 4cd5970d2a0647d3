/** What the members of a replicated cluster are seen to be, and what follows from it: roles, lag, completeness, loss. */
@NullMarked
package dev.muster.postgres.members;

import org.jspecify.annotations.NullMarked;

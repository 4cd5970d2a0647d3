/** What was seen before a plan was made: facts only, small, from the host and from the repository. */
@NullMarked
package dev.muster.runbooks.observation;

import org.jspecify.annotations.NullMarked;

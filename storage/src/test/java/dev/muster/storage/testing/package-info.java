/** What tests of several modules share: which of them run, and stores that misbehave. */
@NullMarked
package dev.muster.storage.testing;

import org.jspecify.annotations.NullMarked;

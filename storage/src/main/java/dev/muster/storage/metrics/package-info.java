/** What is asked of a store, how long it takes and how it ends, counted. */
@NullMarked
package dev.muster.storage.metrics;

import org.jspecify.annotations.NullMarked;

/** Writing runs and stores to the catalogue, by the workers that reach it. */
@NullMarked
package dev.muster.activities.catalog;

import org.jspecify.annotations.NullMarked;

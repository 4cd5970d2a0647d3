/** What a worker takes for its place. */
@NullMarked
package dev.muster.activities.place;

import org.jspecify.annotations.NullMarked;

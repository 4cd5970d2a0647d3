/** The activities, thin over the modules below. */
@NullMarked
package dev.muster.activities;

import org.jspecify.annotations.NullMarked;

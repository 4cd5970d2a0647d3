/** Object stores: one small interface, and the choice of its driver by URL. */
@NullMarked
package dev.muster.storage;

import org.jspecify.annotations.NullMarked;

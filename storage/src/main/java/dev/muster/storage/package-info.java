/** Object stores and their drivers. */
@NullMarked
package dev.muster.storage;

import org.jspecify.annotations.NullMarked;

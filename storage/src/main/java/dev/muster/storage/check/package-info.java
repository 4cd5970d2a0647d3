/** Whether a store does what a repository needs, asked of the store itself. */
@NullMarked
package dev.muster.storage.check;

import org.jspecify.annotations.NullMarked;

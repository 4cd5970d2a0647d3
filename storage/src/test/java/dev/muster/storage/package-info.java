/** What every store must do, tested once for all drivers. */
@NullMarked
package dev.muster.storage;

import org.jspecify.annotations.NullMarked;

/** Trying again what may be tried again, so that an outage is not made worse. */
@NullMarked
package dev.muster.storage.retry;

import org.jspecify.annotations.NullMarked;

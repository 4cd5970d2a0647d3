@NullMarked
package dev.muster.storage.throttle;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.muster.storage.retry;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.muster.storage.metrics;

import org.jspecify.annotations.NullMarked;

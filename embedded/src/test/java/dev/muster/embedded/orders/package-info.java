@NullMarked
package dev.muster.embedded.orders;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.muster.embedded.temporal;

import org.jspecify.annotations.NullMarked;

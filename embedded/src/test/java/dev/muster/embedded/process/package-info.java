@NullMarked
package dev.muster.embedded.process;

import org.jspecify.annotations.NullMarked;

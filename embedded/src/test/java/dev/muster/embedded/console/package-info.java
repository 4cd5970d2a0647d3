@NullMarked
package dev.muster.embedded.console;

import org.jspecify.annotations.NullMarked;

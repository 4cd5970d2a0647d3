/** The HTTP API's process: put together here, started by {@code muster api}. */
@NullMarked
package dev.muster.api;

import org.jspecify.annotations.NullMarked;

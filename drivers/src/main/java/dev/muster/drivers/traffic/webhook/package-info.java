/** Traffic by whoever answers a signed HTTP request. */
@NullMarked
package dev.muster.drivers.traffic.webhook;

import org.jspecify.annotations.NullMarked;

/** Tests against the real thing. */
@NullMarked
package dev.muster.drivers.traffic.webhook;

import org.jspecify.annotations.NullMarked;

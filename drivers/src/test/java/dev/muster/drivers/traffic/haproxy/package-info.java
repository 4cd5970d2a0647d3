/** Tests against the real thing. */
@NullMarked
package dev.muster.drivers.traffic.haproxy;

import org.jspecify.annotations.NullMarked;

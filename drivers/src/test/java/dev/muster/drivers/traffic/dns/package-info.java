/** Tests against the real thing. */
@NullMarked
package dev.muster.drivers.traffic.dns;

import org.jspecify.annotations.NullMarked;

/** Traffic by records in a DNS zone, changed by dynamic update and read at every server of the zone. */
@NullMarked
package dev.muster.drivers.traffic.dns;

import org.jspecify.annotations.NullMarked;

/** Traffic by the servers of an HAProxy backend, changed by the runtime API of each HAProxy. */
@NullMarked
package dev.muster.drivers.traffic.haproxy;

import org.jspecify.annotations.NullMarked;

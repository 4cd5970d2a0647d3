/** Tests against the real thing. */
@NullMarked
package dev.muster.drivers.traffic.route53;

import org.jspecify.annotations.NullMarked;

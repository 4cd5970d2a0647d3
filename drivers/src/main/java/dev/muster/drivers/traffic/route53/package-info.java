/** Traffic by records in a hosted zone of Amazon Route 53. */
@NullMarked
package dev.muster.drivers.traffic.route53;

import org.jspecify.annotations.NullMarked;

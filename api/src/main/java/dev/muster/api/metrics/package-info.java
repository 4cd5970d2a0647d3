/** Health, readiness and Prometheus metrics on the admin port. */
@NullMarked
package dev.muster.api.metrics;

import org.jspecify.annotations.NullMarked;

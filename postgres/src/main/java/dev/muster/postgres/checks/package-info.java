/** Proof that a copy is sound: page checksums, amcheck, SQL checks, and the canary that measures the RPO. */
@NullMarked
package dev.muster.postgres.checks;

import org.jspecify.annotations.NullMarked;

/** The lease that a primary must hold in etcd: it stops itself before the lease can pass on. */
@NullMarked
package dev.muster.postgres.lease;

import org.jspecify.annotations.NullMarked;

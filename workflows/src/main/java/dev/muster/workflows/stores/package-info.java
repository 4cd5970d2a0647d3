/** The scenarios that care for stored backups: verify, replicate, expire. */
@NullMarked
package dev.muster.workflows.stores;

import org.jspecify.annotations.NullMarked;

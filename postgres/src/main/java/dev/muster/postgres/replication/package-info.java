/** Speaks PostgreSQL's replication protocol: one small client that survives a timeline switch. */
@NullMarked
package dev.muster.postgres.replication;

import org.jspecify.annotations.NullMarked;

package dev.muster.catalog;

import java.time.Instant;

/**
 * A committed backup in a store.
 *
 * @param id a ULID
 * @param clusterId PostgreSQL's system identifier, decimal
 * @param serverVersion server_version_num
 * @param startLsn where its replay begins to need WAL, as PostgreSQL writes it
 * @param stopLsn from where on a copy is consistent
 */
public record IndexedBackup(
        String id,
        String kind,
        String clusterId,
        int serverVersion,
        int timeline,
        String startLsn,
        String stopLsn,
        Instant startTime,
        Instant stopTime,
        long bytes) {}

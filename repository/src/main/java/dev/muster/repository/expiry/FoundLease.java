package dev.muster.repository.expiry;

import java.time.Instant;

/**
 * A lease of a source.
 *
 * @param modified by the store's clock
 */
record FoundLease(String key, String writer, String backup, Instant modified) {}

package dev.muster.storage;

import java.time.Instant;

/**
 * What a listing says about an object.
 *
 * @param size in bytes
 * @param modified by the store's clock; for people and for retention hints, never for a decision about correctness
 */
public record ObjectInfo(String key, long size, Instant modified) {}

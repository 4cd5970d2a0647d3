package dev.muster.catalog;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A mark in a store that keeps a backup whatever the rules say.
 *
 * @param mark a ULID
 * @param by who made it; empty if the mark cannot be read
 * @param made null if the mark cannot be read
 * @param until null if it holds until it is taken away
 */
public record IndexedMark(
        String mark,
        String by,
        String why,
        @Nullable Instant made,
        @Nullable Instant until) {}

package dev.muster.repository.expiry;

import java.time.Instant;

/**
 * A backup that was begun and is not decided. While there is one, nothing of its source is deleted.
 *
 * @param last when something of it was stored, by the store's clock
 */
public record Running(String backup, String writer, Instant last) {}

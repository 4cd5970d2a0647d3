package dev.muster.repository.expiry;

import java.time.Instant;

/**
 * A backup that was begun and is not decided, or that is being restored. While there is one, nothing of its source is
 * deleted.
 *
 * @param writer who makes it; {@code restore}, and who it is, for one that is restored
 * @param last when something of it was stored, by the store's clock
 */
public record Running(String backup, String writer, Instant last) {}

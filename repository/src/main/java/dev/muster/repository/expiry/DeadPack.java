package dev.muster.repository.expiry;

/**
 * A pack of a backup that is gone, of which others still need a little.
 *
 * @param backup whose pack it is
 * @param size stored bytes of the object
 * @param needed stored bytes of the frames that committed backups refer to
 * @param content raw bytes of these frames, which is what it costs to store them again
 */
public record DeadPack(String backup, int number, long size, long needed, long content) {}

package dev.muster.repository.expiry;

/**
 * What a backup's end sets free, as the plan sees it.
 *
 * @param objects that go
 * @param bytes of these
 * @param neededObjects that stay, because backups that stay refer to them
 * @param neededBytes of these
 */
public record Freed(int objects, long bytes, int neededObjects, long neededBytes) {
    Freed plus(long size, boolean needed) {
        return needed
                ? new Freed(objects, bytes, neededObjects + 1, neededBytes + size)
                : new Freed(objects + 1, bytes + size, neededObjects, neededBytes);
    }
}

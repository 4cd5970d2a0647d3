package dev.muster.postgres.backup;

import dev.muster.repository.BackupRequest;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * What a backup is to be and what it may take.
 *
 * @param readLimit bytes a second that all workers together read at most, 1 or more; none for no limit
 * @param otherLimit how long to wait for another backup of the same source to end; zero refuses at once
 * @param summaryLimit how long to wait for the server's summarizer before changed files are read whole
 * @param packSize bytes of a pack, 1 to 1 GiB: a backup that dies loses what its workers' open packs hold
 */
public record BackupOptions(
        Wanted wanted, OptionalLong readLimit, Duration otherLimit, Duration summaryLimit, long packSize) {
    /** A full backup, as fast as it goes. The wait outlasts a dying attempt of the same run. */
    public static final BackupOptions DEFAULT = new BackupOptions(
            Wanted.FULL,
            OptionalLong.empty(),
            Duration.ofSeconds(30),
            Duration.ofMinutes(1),
            BackupRequest.DEFAULT_PACK_SIZE);

    public BackupOptions {
        if (readLimit.isPresent() && readLimit.getAsLong() < 1) {
            throw new IllegalArgumentException("Not a number of bytes a second: " + readLimit.getAsLong());
        }
        if (otherLimit.isNegative() || summaryLimit.isNegative()) {
            throw new IllegalArgumentException("A time to wait is not negative");
        }
    }

    public BackupOptions with(Wanted other) {
        return new BackupOptions(other, readLimit, otherLimit, summaryLimit, packSize);
    }

    /** @param bytesPerSecond 1 or more */
    public BackupOptions withReadLimit(long bytesPerSecond) {
        return new BackupOptions(wanted, OptionalLong.of(bytesPerSecond), otherLimit, summaryLimit, packSize);
    }

    public BackupOptions withOtherLimit(Duration limit) {
        return new BackupOptions(wanted, readLimit, limit, summaryLimit, packSize);
    }

    public BackupOptions withSummaryLimit(Duration limit) {
        return new BackupOptions(wanted, readLimit, otherLimit, limit, packSize);
    }

    /** @param bytes 1 to 1 GiB */
    public BackupOptions withPackSize(long bytes) {
        return new BackupOptions(wanted, readLimit, otherLimit, summaryLimit, bytes);
    }
}

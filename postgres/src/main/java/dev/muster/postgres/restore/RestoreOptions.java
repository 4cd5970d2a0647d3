package dev.muster.postgres.restore;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How a backup is brought back.
 *
 * @param workers threads, 1 to 64
 * @param overwrite the system identifier whose stopped data directory in the target may be overwritten: only what differs
 *     is written, and what the backup does not have is removed. Empty: the target must be empty
 * @param besides what is written after the restore and must have room too
 */
public record RestoreOptions(
        int workers, TablespacePlaces tablespaces, Optional<String> overwrite, Optional<Besides> besides) {
    /**
     * Such as the WAL for its recovery.
     *
     * @param place a folder, which may be missing yet
     */
    public record Besides(Path place, long bytes) {}

    public RestoreOptions {
        if (workers < 1 || workers > 64) {
            throw new IllegalArgumentException("A restore has 1 to 64 workers, not " + workers);
        }
    }

    /** Into an empty target, tablespaces beside it. */
    public static RestoreOptions defaults() {
        return new RestoreOptions(
                Math.min(8, Runtime.getRuntime().availableProcessors()),
                TablespacePlaces.besideTarget(),
                Optional.empty(),
                Optional.empty());
    }

    public RestoreOptions withWorkers(int threads) {
        return new RestoreOptions(threads, tablespaces, overwrite, besides);
    }

    public RestoreOptions withTablespaces(TablespacePlaces places) {
        return new RestoreOptions(workers, places, overwrite, besides);
    }

    /** @param systemId in decimal, as the operator has read it and given it back */
    public RestoreOptions overwriting(String systemId) {
        return new RestoreOptions(workers, tablespaces, Optional.of(systemId), besides);
    }

    /** Refuses a restore before it begins when there is no room for this beside it. */
    public RestoreOptions withRoomFor(Besides more) {
        return new RestoreOptions(workers, tablespaces, overwrite, Optional.of(more));
    }
}

package dev.muster.postgres.restore;

import java.util.Optional;

/**
 * How a backup is brought back.
 *
 * @param workers threads, 1 to 64
 * @param overwrite the system identifier whose stopped data directory in the target may be overwritten: only what differs
 *     is written, and what the backup does not have is removed. Empty: the target must be empty
 */
public record RestoreOptions(int workers, TablespacePlaces tablespaces, Optional<String> overwrite) {
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
                Optional.empty());
    }

    public RestoreOptions withWorkers(int threads) {
        return new RestoreOptions(threads, tablespaces, overwrite);
    }

    public RestoreOptions withTablespaces(TablespacePlaces places) {
        return new RestoreOptions(workers, places, overwrite);
    }

    /** @param systemId in decimal, as the operator has read it and given it back */
    public RestoreOptions overwriting(String systemId) {
        return new RestoreOptions(workers, tablespaces, Optional.of(systemId));
    }
}

package dev.muster.runbooks.plan;

import dev.muster.runbooks.observation.RepositoryObservation;
import dev.muster.runbooks.steps.StepType;
import org.jspecify.annotations.Nullable;

/**
 * How long steps take, from rates that earlier runs measured here, else from assumed ones. Pure, in whole seconds.
 *
 * @param bytes of the cluster, or that are read from a store
 * @param walBytes to be replayed
 * @param rows to be returned, or backups to be taken away
 */
record Rates(
        long bytes,
        long walBytes,
        long rows,
        @Nullable Long measuredRestore,
        @Nullable Long measuredReplay) {
    /** Assumed on purpose below what a small server does, so that the first forecast is not a promise to be broken. */
    private static final long BACKUP = 100_000_000;

    private static final long RESTORE = 100_000_000;
    private static final long REPLAY = 30_000_000;
    private static final long CHECKSUMS = 300_000_000;
    private static final long AMCHECK = 60_000_000;
    private static final long ROWS = 5_000;
    private static final long STORE_READ = 50_000_000;
    private static final long STORE_COPY = 50_000_000;

    /** Backups a second. */
    private static final long EXPIRED = 2;

    private static final long SMALL_STEP = 2;
    private static final long SERVER_START = 3;

    static Rates of(long bytes, long walBytes, long rows, RepositoryObservation repository) {
        return new Rates(
                bytes,
                Math.max(0, walBytes),
                rows,
                repository.restoreBytesPerSecond(),
                repository.replayBytesPerSecond());
    }

    long seconds(StepType type) {
        return switch (type) {
            case POSTGRES_BACKUP -> SMALL_STEP + divide(bytes, BACKUP);
            case POSTGRES_RESTORE -> 1 + divide(bytes, measuredRestore == null ? RESTORE : measuredRestore);
            case POSTGRES_REPLAY -> SERVER_START + divide(walBytes, measuredReplay == null ? REPLAY : measuredReplay);
            case POSTGRES_PAGE_CHECKSUMS -> 1 + divide(bytes, CHECKSUMS);
            case POSTGRES_AMCHECK -> 1 + divide(bytes, AMCHECK);
            case POSTGRES_RETURN_ROWS -> SMALL_STEP + divide(rows, ROWS);
            case STORE_VERIFY -> SMALL_STEP + divide(bytes, STORE_READ);
            case STORE_REPLICATE -> SMALL_STEP + divide(bytes, STORE_COPY);
            case STORE_EXPIRE -> SMALL_STEP + divide(rows, EXPIRED);
            case SYSTEM_CHECKS, POSTGRES_CANARY, POSTGRES_REMOVE_COPY -> SMALL_STEP;
        };
    }

    private static long divide(long amount, long perSecond) {
        return amount / Math.max(1, perSecond);
    }
}

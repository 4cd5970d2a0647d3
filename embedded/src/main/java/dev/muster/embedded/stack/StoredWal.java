package dev.muster.embedded.stack;

import dev.muster.embedded.EmbeddedException;
import dev.muster.postgres.Lsn;
import dev.muster.postgres.backup.BackupSummary;
import dev.muster.postgres.wal.WalArchive;
import dev.muster.repository.Repository;
import dev.muster.repository.keys.KeyFile;
import dev.muster.storage.Stores;
import java.time.Duration;

/** The WAL of the stack's database in its store, from outside the workers. */
public final class StoredWal {
    private static final String SOURCE = Stack.SYSTEM + "-main";
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final long LOOK_MILLIS = 100;

    private StoredWal() {}

    /**
     * Waits until the WAL up to the position is in the store: a recovery that begins earlier cannot find there what was
     * done up to it. Needs a backup.
     *
     * @throws EmbeddedException WAL_NOT_STORED if it is not after a minute
     */
    public static void await(Stack stack, Lsn position) throws InterruptedException {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        try (Repository repository = Repository.open(Stores.open(stack.storeUrl()), KeyFile.read(stack.keyFile()))) {
            BackupSummary summary =
                    BackupSummary.of(repository.backups(SOURCE).get(0).summary());
            WalArchive wal = new WalArchive(repository, SOURCE, summary.systemId(), summary.segmentSize());
            while (wal.end(summary.timeline())
                    .map(end -> end.minus(position) < 0)
                    .orElse(true)) {
                if (System.nanoTime() > deadline) {
                    throw new EmbeddedException(
                            "WAL_NOT_STORED",
                            "The WAL up to " + position + " is not in the store after " + LIMIT.toSeconds() + " s",
                            "Does the host worker run? Its log is in the folder 'logs'.");
                }
                Thread.sleep(LOOK_MILLIS);
            }
        }
    }
}

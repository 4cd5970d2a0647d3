package dev.muster.postgres.incremental;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What changed between two backups, gathered from WAL summaries. Filled by one thread, then read by any number.
 */
public final class ChangedBlocks {
    /**
     * Of one fork.
     *
     * @param blocks that were changed, by their number in the relation
     * @param limit blocks from this one on are not those of the earlier backup, even if they are there: the relation was
     *     cut off here, or 0 if it was created or dropped meanwhile; {@link Long#MAX_VALUE} if neither
     */
    public record Change(BlockSet blocks, long limit) {}

    private record Database(long tablespace, long database) {}

    private final Map<RelationFork, Change> changes = new HashMap<>();
    private final Set<Database> wholeDatabases = new HashSet<>();

    /** A row of pg_wal_summary_contents. */
    public void add(RelationFork fork, boolean isLimit, long block) {
        if (fork.relation() == 0) {
            wholeDatabases.add(new Database(fork.tablespace(), fork.database()));
            return;
        }
        Change change = changes.computeIfAbsent(fork, key -> new Change(new BlockSet(), Long.MAX_VALUE));
        if (!isLimit) {
            change.blocks().add(block);
        } else if (block < change.limit()) {
            changes.put(fork, new Change(change.blocks(), block));
        }
    }

    /** Whether the relation's database was created or dropped meanwhile, so that the same file name proves nothing. */
    public boolean isOfNewDatabase(RelationFork fork) {
        return wholeDatabases.contains(new Database(fork.tablespace(), fork.database()));
    }

    /** Empty if nothing of it changed. */
    public Optional<Change> of(RelationFork fork) {
        return Optional.ofNullable(changes.get(fork));
    }
}

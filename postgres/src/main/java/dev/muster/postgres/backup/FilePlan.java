package dev.muster.postgres.backup;

import dev.muster.postgres.incremental.BlockSet;
import dev.muster.postgres.incremental.ChangedBlocks;
import dev.muster.postgres.incremental.ChangedBlocks.Change;
import dev.muster.postgres.incremental.RelationFork;
import dev.muster.repository.Entry;
import java.util.Optional;

/** How a file gets into a backup. */
sealed interface FilePlan {
    /** Everything is read and stored. */
    record Whole() implements FilePlan {}

    /** Everything is read; what is equal to the ancestor's frames is not stored. */
    record Compared(Entry ancestor) implements FilePlan {}

    /** Nothing is read of it: it is the ancestor's. */
    record Unchanged(Entry ancestor) implements FilePlan {}

    /** Only changed blocks are read. */
    record Changed(Entry ancestor, Blocks blocks) implements FilePlan {}

    /**
     * Which blocks of a file are read.
     *
     * @param first number in the relation of the file's first block
     * @param changed by number in the relation
     * @param limit all from this one on are read
     * @param size of a block in bytes
     */
    record Blocks(long first, BlockSet changed, long limit, int size) {
        /** The first position from one on that is read; {@code to} if there is none before that. */
        long nextRead(long from, long to) {
            long block = first + from / size;
            long bound = Math.min(limit, first + to / size);
            return block >= limit ? from : Math.min(to, (changed.next(block, bound) - first) * size);
        }

        /** The first position from one on that is not read; {@code to} if there is none before that. */
        long nextKnown(long from, long to) {
            long block = first + from / size;
            long bound = Math.min(limit, first + to / size);
            long absent = block >= limit ? bound : changed.nextAbsent(block, bound);
            return absent >= bound ? to : (absent - first) * size;
        }

        /** How many blocks of a file of this size are read. */
        long count(long fileSize) {
            long end = first + fileSize / size;
            long below = Math.min(limit, end);
            return changed.count(first, below) + end - Math.max(first, below);
        }
    }

    /** PostgreSQL's own rule: from here on reading the whole file is hardly more. */
    double NEARLY_ALL = 0.9;

    /** Bytes that it reads. */
    static long cost(FilePlan plan, long size) {
        if (plan instanceof Unchanged) {
            return 0;
        }
        return plan instanceof Changed changed
                ? changed.blocks().count(size) * changed.blocks().size()
                : size;
    }

    /**
     * The rules, which are PostgreSQL's own (GetFileBackupMethod in basebackup_incremental.c) but for two: the visibility
     * map is read whole, because not every release names its block in the WAL when a DELETE or UPDATE clears a bit of it
     * (18.6 does); and what PostgreSQL copies fully is compared here, so that what is equal is not stored again.
     */
    static FilePlan of(DataDirectory.DataFile file, Ancestor ancestor, int blockSize) {
        Optional<Entry> known = ancestor.file(file.path());
        if (known.isEmpty() || known.get().size() == 0 || file.size() == 0) {
            return new Whole();
        }
        Entry then = known.get();
        Optional<RelationFork> fork = file.blocks().isPresent() ? RelationFork.ofFile(file.path()) : Optional.empty();
        Optional<ChangedBlocks> changes = ancestor.changes();
        boolean byBlocks = fork.isPresent()
                && changes.isPresent()
                && fork.get().fork() == RelationFork.MAIN
                && file.size() % blockSize == 0
                && then.size() % blockSize == 0;
        if (!byBlocks) {
            return new Compared(then);
        }
        if (changes.get().isOfNewDatabase(fork.get())) {
            return new Whole();
        }
        return byBlocks(file, then, changes.get().of(fork.get()), blockSize);
    }

    private static FilePlan byBlocks(DataDirectory.DataFile file, Entry then, Optional<Change> change, int blockSize) {
        long first = file.blocks().orElseThrow();
        long limit = change.map(Change::limit).orElse(Long.MAX_VALUE);
        if (limit <= first) {
            return new Whole();
        }
        if (file.size() < then.size() && limit == Long.MAX_VALUE) {
            // Cut off after the backup's start, most likely; nothing here proves it.
            return new Compared(then);
        }
        BlockSet changed = change.map(Change::blocks).orElseGet(BlockSet::new);
        Blocks blocks = new Blocks(first, changed, Math.min(limit, first + then.size() / blockSize), blockSize);
        long count = blocks.count(file.size());
        if (count == 0 && file.size() == then.size()) {
            return new Unchanged(then);
        }
        return count * blockSize > NEARLY_ALL * file.size() ? new Whole() : new Changed(then, blocks);
    }
}

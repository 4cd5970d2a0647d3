package dev.muster.sources.restore;

import dev.muster.sources.Named;
import java.util.concurrent.atomic.AtomicLong;

/** What a restore of a tree did. */
public final class TreeRestoreResult {
    final AtomicLong files = new AtomicLong();
    final AtomicLong directories = new AtomicLong();
    final AtomicLong links = new AtomicLong();
    final AtomicLong bytes = new AtomicLong();
    final AtomicLong writtenFiles = new AtomicLong();
    final AtomicLong fetchedBytes = new AtomicLong();
    final Named withoutSpecialBits = new Named();

    /** Now as in the backup, those that were so before included. */
    public long files() {
        return files.get();
    }

    public long directories() {
        return directories.get();
    }

    /** Symbolic links, and further names of files. */
    public long links() {
        return links.get();
    }

    /** Of the files. */
    public long bytes() {
        return bytes.get();
    }

    /** Files that were not in the target as the backup has them. */
    public long writtenFiles() {
        return writtenFiles.get();
    }

    /** Of content that came from the store; the rest was in the target already, or is zeros. */
    public long fetchedBytes() {
        return fetchedBytes.get();
    }

    /** Files that had setuid or setgid and have it no more. */
    public Named withoutSpecialBits() {
        return withoutSpecialBits;
    }
}

package dev.muster.sources.diff;

import java.util.Set;

/**
 * A path that is not the same on both sides.
 *
 * @param aspects what of it differs; empty for what is on one side only
 */
public record Difference(String path, Side side, Set<Aspect> aspects) {
    /** Where it is. */
    public enum Side {
        /** Only in the backup, or in the first of two. */
        FIRST,
        /** Only in the directory, or in the second of two backups. */
        SECOND,
        BOTH
    }

    /** Of an entry. */
    public enum Aspect {
        TYPE,
        CONTENT,
        TARGET,
        MODE,
        OWNER,
        MODIFIED
    }

    public Difference {
        aspects = Set.copyOf(aspects);
    }
}

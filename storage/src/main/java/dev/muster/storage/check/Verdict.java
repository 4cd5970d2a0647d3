package dev.muster.storage.check;

/** How one thing about a store is. */
public enum Verdict {
    OK,
    /** It works, and something is missing that one may want. */
    WARN,
    /** Backups in this store are not safe, or cannot be made. */
    BAD
}

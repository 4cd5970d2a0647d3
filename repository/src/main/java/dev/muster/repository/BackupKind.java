package dev.muster.repository;

import java.util.Locale;

/** How a backup was made; every one restores as a full. */
public enum BackupKind {
    FULL,
    /** Refers to what changed since any earlier backup. */
    INCREMENTAL,
    /** Refers to what changed since the last full one. */
    DIFFERENTIAL,
    /** A full one, kept for years and referred to by none. */
    ARCHIVAL;

    /** As the manifest has it: lower case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws IllegalArgumentException if there is no such kind */
    public static BackupKind of(String label) {
        return valueOf(label.toUpperCase(Locale.ROOT));
    }
}

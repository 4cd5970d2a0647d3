package dev.muster.postgres.backup;

import dev.muster.repository.BackupKind;
import java.util.Optional;

/**
 * The kind of backup that somebody wants.
 *
 * @param parent of an incremental or a differential one; without, the newest that suits
 * @param insist fail with PARENT_UNSUITABLE where otherwise a full backup is made and says why
 */
public record Wanted(BackupKind kind, Optional<String> parent, boolean insist) {
    public static final Wanted FULL = of(BackupKind.FULL);

    public Wanted {
        if (!needsParent(kind) && (parent.isPresent() || insist)) {
            throw new IllegalArgumentException("A backup of kind " + kind.label() + " has no parent");
        }
    }

    public static Wanted of(BackupKind kind) {
        return new Wanted(kind, Optional.empty(), false);
    }

    /** The same against a certain backup. */
    public Wanted against(String id) {
        return new Wanted(kind, Optional.of(id), insist);
    }

    /** The same, refused where it cannot be. */
    public Wanted insisting() {
        return new Wanted(kind, parent, true);
    }

    boolean needsParent() {
        return needsParent(kind);
    }

    private static boolean needsParent(BackupKind kind) {
        return switch (kind) {
            case INCREMENTAL, DIFFERENTIAL -> true;
            case FULL, ARCHIVAL -> false;
        };
    }
}

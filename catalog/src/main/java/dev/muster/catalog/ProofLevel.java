package dev.muster.catalog;

import java.util.Locale;
import java.util.Optional;

/** How something is known of a backup in a store; each but the first finds what those before it cannot. */
public enum ProofLevel {
    /** A replication compared the copy with its origin. */
    COPY,
    /** All objects that it names are there. */
    LISTING,
    /** The indexes of its packs say what its file maps say. */
    INDEXES,
    /** Every byte that it is restored from was read. */
    CONTENT,
    /** It was restored, started and asked. */
    RESTORE;

    /** As reports have it: lower case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @return empty for what another version calls a level */
    public static Optional<ProofLevel> of(String label) {
        for (ProofLevel level : values()) {
            if (level.label().equals(label)) {
                return Optional.of(level);
            }
        }
        return Optional.empty();
    }

    /** Whether this one, found sound later, makes good what the other found. */
    boolean coversProblemOf(ProofLevel other) {
        // Whoever reads every byte does not compare packs' indexes with file maps.
        return compareTo(other) > 0 && !(this == CONTENT && other == INDEXES);
    }
}

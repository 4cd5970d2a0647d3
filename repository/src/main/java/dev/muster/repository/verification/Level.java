package dev.muster.repository.verification;

import java.util.Locale;

/** How deep a look is; each finds what those before it cannot. */
public enum Level {
    /** Everything that COMMITs, manifests and file maps name is there, with a size that it can have. */
    LISTING,
    /** The indexes of packs and WAL can be read and say what file maps and names say. Includes the first. */
    INDEXES,
    /** Every byte is decrypted, decompressed and hashed. */
    CONTENT,
    /** A backup was restored, started and asked; done by a run, not here. */
    RESTORE;

    /** As reports have it: lower case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}

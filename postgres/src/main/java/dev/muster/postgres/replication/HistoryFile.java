package dev.muster.postgres.replication;

/** A timeline's history file as the server keeps it: which timeline left which at what position. */
public final class HistoryFile {
    private final String name;
    private final byte[] content;

    HistoryFile(String name, byte[] content) {
        this.name = name;
        this.content = content.clone();
    }

    /** Such as {@code 00000002.history}. */
    public String name() {
        return name;
    }

    /** Byte for byte. */
    public byte[] content() {
        return content.clone();
    }
}

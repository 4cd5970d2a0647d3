package dev.muster.repository;

/** What a manifest's last line says of all lines before it. */
final class ManifestTotals {
    private long entries;
    private long files;
    private long bytes;

    void add(Entry entry) {
        entries++;
        if (entry.type() == Entry.Type.FILE) {
            files++;
            bytes += entry.size();
        }
    }

    long entries() {
        return entries;
    }

    long files() {
        return files;
    }

    /** Of all files, in bytes. */
    long bytes() {
        return bytes;
    }
}

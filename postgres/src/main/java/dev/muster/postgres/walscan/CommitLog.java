package dev.muster.postgres.walscan;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Which transactions are committed: pg_xact of the backup, and the commits that the WAL adds. */
final class CommitLog {
    private static final int PER_FILE = 32 * 8192 * 4;
    private static final int PER_SET = 1 << 15;
    private static final int COMMITTED = 1;
    private static final long FIRST_NORMAL = 3;

    private final BackupFiles files;
    private final Map<Long, byte[]> loaded = new HashMap<>();
    private final Map<Long, BitSet> sinceBackup = new HashMap<>();

    CommitLog(BackupFiles files) {
        this.files = files;
    }

    void commit(long xid) {
        sinceBackup
                .computeIfAbsent(xid / PER_SET, unused -> new BitSet(PER_SET))
                .set((int) (xid % PER_SET));
    }

    boolean isCommitted(long xid) {
        if (xid < FIRST_NORMAL) {
            return xid != 0;
        }
        BitSet recent = sinceBackup.get(xid / PER_SET);
        if (recent != null && recent.get((int) (xid % PER_SET))) {
            return true;
        }
        byte[] bytes = loaded.computeIfAbsent(xid / PER_FILE, this::load);
        int index = (int) (xid % PER_FILE);
        int at = index / 4;
        return at < bytes.length && (bytes[at] >>> (index % 4 * 2) & 0x3) == COMMITTED;
    }

    private byte[] load(long file) {
        String path = String.format(Locale.ROOT, "pg_xact/%04X", file);
        Optional<InputStream> content = files.file(path);
        if (content.isEmpty()) {
            return new byte[0];
        }
        try (InputStream input = content.get()) {
            return input.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + path + " from the backup", e);
        }
    }
}

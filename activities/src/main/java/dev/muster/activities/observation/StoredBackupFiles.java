package dev.muster.activities.observation;

import dev.muster.postgres.walscan.BackupFiles;
import dev.muster.repository.BackupReader;
import dev.muster.repository.Entry;
import dev.muster.repository.RunSink;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** Single files of a backup in the repository, for reading its catalogues. */
public final class StoredBackupFiles implements BackupFiles {
    /** Catalogues are small; a larger file is none, and is not read into memory. */
    private static final long LARGEST = 256L << 20;

    private final BackupReader backup;
    private final Map<String, Entry> entries = new HashMap<>();

    public StoredBackupFiles(BackupReader backup) {
        this.backup = backup;
        backup.entries(entry -> {
            if (entry.type() == Entry.Type.FILE) {
                entry.path().text().ifPresent(path -> entries.put(path, entry));
            }
        });
    }

    @Override
    public Optional<InputStream> file(String path) {
        Entry entry = entries.get(path);
        if (entry == null) {
            return Optional.empty();
        }
        if (entry.size() > LARGEST) {
            throw new IllegalStateException(path + " has " + entry.size() + " bytes: too large for a catalogue");
        }
        byte[] content = new byte[(int) entry.size()];
        try {
            backup.copy(entry, new RunSink() {
                @Override
                public void zeros(long offset, int length) {
                    // The array is zero already.
                }

                @Override
                public void bytes(long offset, byte[] bytes, int at, int length) {
                    System.arraycopy(bytes, at, content, Math.toIntExact(offset), length);
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + path + " from the backup", e);
        }
        return Optional.of(new ByteArrayInputStream(content));
    }

    @Override
    public List<String> list(String directory) {
        String prefix = directory.endsWith("/") ? directory : directory + "/";
        TreeSet<String> names = new TreeSet<>();
        for (String path : entries.keySet()) {
            if (path.startsWith(prefix)) {
                String rest = path.substring(prefix.length());
                int slash = rest.indexOf('/');
                names.add(slash < 0 ? rest : rest.substring(0, slash));
            }
        }
        return new ArrayList<>(names);
    }
}

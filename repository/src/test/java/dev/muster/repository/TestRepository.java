package dev.muster.repository;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.repository.keys.KeyFile;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.Stores;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** A new repository in a folder, and small backups in it. */
final class TestRepository implements AutoCloseable {
    static final String SOURCE = "orders-main";

    final Path folder;
    final KeyFile key;
    final ObjectStore store;
    final Repository repository;

    TestRepository(Path directory) throws IOException {
        folder = Files.createDirectory(directory.resolve("store"));
        key = KeyFile.generate(directory.resolve("muster.key"));
        store = Stores.open(folder.toUri().toString());
        repository = Repository.create(store, key, Clock.systemUTC());
    }

    static ObjectNode json(String field, String value) {
        return JsonNodeFactory.instance.objectNode().put(field, value);
    }

    static BackupRequest request() {
        return new BackupRequest(SOURCE, BackupKind.FULL, "host-1", json("server", "18.6"));
    }

    BackupWriter start() {
        return repository.startBackup(request());
    }

    /** One committed backup of the files, each of them read in units of 128 KiB. */
    CommittedBackup backup(Map<String, byte[]> files) {
        try (BackupWriter backup = start()) {
            try (PackWriter pack = backup.pack()) {
                files.forEach((name, content) -> add(backup, pack, name, content));
            }
            return backup.commit(json("label", "test"));
        }
    }

    static void add(BackupWriter backup, PackWriter pack, String name, byte[] content) {
        List<Run> runs = new ArrayList<>();
        for (int at = 0; at < content.length; at += 128 << 10) {
            runs.add(pack.run(at, content, at, Math.min(128 << 10, content.length - at)));
        }
        backup.fileOfRuns(Entry.file(EntryPath.of(name), 0600, content.length), runs);
    }

    Map<String, byte[]> restore(CommittedBackup backup) {
        return restore(repository, backup.id());
    }

    static Map<String, byte[]> restore(Repository repository, String id) {
        BackupReader reader = repository.backup(SOURCE, id);
        Map<String, byte[]> files = new TreeMap<>();
        reader.entries(entry -> {
            if (entry.type() == Entry.Type.FILE) {
                files.put(entry.path().toString(), content(reader, entry));
            }
        });
        return files;
    }

    static byte[] content(BackupReader reader, Entry entry) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            reader.copy(entry, new RunSink() {
                @Override
                public void zeros(long fileOffset, int length) {
                    require(fileOffset);
                    out.writeBytes(new byte[length]);
                }

                @Override
                public void bytes(long fileOffset, byte[] bytes, int offset, int length) {
                    require(fileOffset);
                    out.write(bytes, offset, length);
                }

                private void require(long fileOffset) {
                    if (fileOffset != out.size()) {
                        throw new IllegalStateException("Out of order at " + fileOffset);
                    }
                }
            });
        } catch (IOException e) {
            throw new IllegalStateException("Memory does not fail", e);
        }
        return out.toByteArray();
    }

    static byte[] random(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** Compresses to about a third. */
    static byte[] text(int length, long seed) {
        byte[] bytes = random(length, seed);
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) ('a' + (bytes[i] & 3));
        }
        return bytes;
    }

    @Override
    public void close() {
        repository.close();
    }
}

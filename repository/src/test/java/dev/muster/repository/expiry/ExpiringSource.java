package dev.muster.repository.expiry;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.muster.repository.BackupKind;
import dev.muster.repository.BackupReader;
import dev.muster.repository.BackupRequest;
import dev.muster.repository.BackupWriter;
import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Entry;
import dev.muster.repository.EntryPath;
import dev.muster.repository.PackWriter;
import dev.muster.repository.Repository;
import dev.muster.repository.Run;
import dev.muster.repository.RunSink;
import dev.muster.repository.keys.KeyFile;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.Stores;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** A source whose backups share packs, in a folder that can be copied and made older. */
final class ExpiringSource {
    static final String SOURCE = "orders-main";
    static final int UNIT = 8 << 10;

    final Path folder;
    final KeyFile key;
    final Map<String, Map<String, byte[]>> contents = new TreeMap<>();

    /** What time the writers of backups take it for. */
    Instant now = Instant.now();

    private ExpiringSource(Path folder, KeyFile key) {
        this.folder = folder;
        this.key = key;
    }

    static ExpiringSource create(Path directory) throws IOException {
        Path folder = Files.createDirectory(directory.resolve("store"));
        ExpiringSource source = new ExpiringSource(folder, KeyFile.generate(directory.resolve("muster.key")));
        Repository.create(source.store(), source.key, Clock.systemUTC()).close();
        return source;
    }

    /** The same as it is now, in another folder. */
    ExpiringSource copy(Path to) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(folder.relativize(file).toString()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        ExpiringSource copy = new ExpiringSource(to, key);
        copy.contents.putAll(contents);
        return copy;
    }

    ObjectStore store() {
        return Stores.open(folder.toUri().toString());
    }

    Clock clock() {
        return new Clock() {
            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                throw new UnsupportedOperationException("Nobody asks for another zone");
            }

            @Override
            public Instant instant() {
                return now;
            }
        };
    }

    Repository open() {
        return open(store());
    }

    Repository open(ObjectStore store) {
        return Repository.open(store, key, clock());
    }

    static BackupRequest request() {
        return new BackupRequest(SOURCE, BackupKind.FULL, "host-1", JsonNodeFactory.instance.objectNode());
    }

    /** A full backup of two files of so many units each. */
    String full(Repository repository, int units, int seed) {
        try (BackupWriter backup = repository.startBackup(request())) {
            Map<String, byte[]> files = new TreeMap<>();
            try (PackWriter pack = backup.pack()) {
                for (String name : List.of("quiet", "table")) {
                    byte[] content = bytes(units * UNIT, seed + name.hashCode());
                    backup.fileOfRuns(file(name, content), runs(pack, content, 0, units));
                    files.put(name, content);
                }
            }
            return commit(backup, files);
        }
    }

    /** One that stores the first units of the table anew, and refers to its parent for the rest. */
    String increment(Repository repository, String parent, int changed, int seed) {
        BackupRequest request = new BackupRequest(
                        SOURCE, BackupKind.INCREMENTAL, "host-1", JsonNodeFactory.instance.objectNode())
                .withParent(parent);
        try (BackupWriter backup = repository.startBackup(request)) {
            Map<String, byte[]> files = new TreeMap<>(contents.getOrDefault(parent, Map.of()));
            BackupReader reader = repository.backup(SOURCE, parent);
            try (PackWriter pack = backup.pack()) {
                reader.entries(entry -> {
                    if (entry.path().toString().equals("quiet")) {
                        backup.unchangedFile(entry, entry);
                    } else {
                        byte[] content =
                                files.getOrDefault("table", new byte[0]).clone();
                        System.arraycopy(bytes(changed * UNIT, seed), 0, content, 0, changed * UNIT);
                        files.put("table", content);
                        List<Run> runs = new ArrayList<>(runs(pack, content, 0, changed));
                        reader.runs(entry).skip(changed).forEach(runs::add);
                        backup.fileOfRuns(file("table", content), runs);
                    }
                });
            }
            return commit(backup, files);
        }
    }

    /** A backup whose writer is gone after its first pack. */
    String dead(Repository repository) {
        try (BackupWriter backup = repository.startBackup(request())) {
            try (PackWriter pack = backup.pack()) {
                byte[] content = bytes(UNIT, 99);
                pack.frame(content, 0, content.length);
            }
            return backup.id();
        }
    }

    private String commit(BackupWriter backup, Map<String, byte[]> files) {
        CommittedBackup committed = backup.commit(JsonNodeFactory.instance.objectNode());
        contents.put(committed.id(), files);
        now = now.plusMillis(1); // Ids of one millisecond have no order.
        return committed.id();
    }

    static Entry file(String name, byte[] content) {
        return Entry.file(EntryPath.of(name), 0600, content.length);
    }

    static List<Run> runs(PackWriter pack, byte[] content, int from, int units) {
        List<Run> runs = new ArrayList<>();
        for (int unit = from; unit < from + units; unit++) {
            runs.add(pack.run((long) unit * UNIT, content, unit * UNIT, UNIT));
        }
        return runs;
    }

    static byte[] bytes(int length, int seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** As if everything had been stored so much earlier, by the store's clock. */
    void age(Duration by) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Instant modified = Files.getLastModifiedTime(file).toInstant();
                Files.setLastModifiedTime(file, FileTime.from(modified.minus(by)));
            }
        }
    }

    static Map<String, byte[]> restore(Repository repository, String id) {
        BackupReader reader = repository.backup(SOURCE, id);
        Map<String, byte[]> files = new TreeMap<>();
        reader.entries(entry -> {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try {
                reader.copy(entry, new RunSink() {
                    @Override
                    public void zeros(long fileOffset, int length) {
                        out.writeBytes(new byte[length]);
                    }

                    @Override
                    public void bytes(long fileOffset, byte[] bytes, int offset, int length) {
                        out.write(bytes, offset, length);
                    }
                });
            } catch (IOException e) {
                throw new IllegalStateException("Memory does not fail", e);
            }
            files.put(entry.path().toString(), out.toByteArray());
        });
        return files;
    }

    /** Committed backups, oldest first. */
    static List<String> ids(Repository repository) {
        return repository.backups(SOURCE).stream().map(CommittedBackup::id).toList();
    }

    /** Every object below the source and every lease. */
    Set<String> keys() {
        Set<String> keys = new TreeSet<>();
        store().list("", object -> {
            if (!object.key().startsWith("keys/") && !object.key().equals("repo.json")) {
                keys.add(object.key());
            }
        });
        return keys;
    }
}

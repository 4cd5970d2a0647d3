package dev.muster.repository;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.frames.Sha256;
import dev.muster.repository.keys.KeyFile;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.Stores;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * A repository that a program of November 2026 wrote, with what it held beside it in plain text. It is never written
 * again: a format that changes gets another one beside it, from {@link #writeAnother()}.
 */
class OldRepositoryTest {
    private static final String SOURCE = "orders";
    private static final String WAL = "src/orders/wal/7000000000000000001/00000002/00000000/";
    private static final Map<String, ObjectType> WAL_TYPES =
            Map.of(".seg", ObjectType.WAL_SEGMENT, ".part", ObjectType.WAL_PART, ".history", ObjectType.WAL_HISTORY);

    @TempDir
    private Path directory;

    private Path folder = Path.of("/");
    private @Nullable ObjectStore store;

    private Repository open() throws IOException, URISyntaxException {
        URL resource = Objects.requireNonNull(getClass().getResource("/repositories/v1-2026-11"));
        folder = Path.of(resource.toURI());
        Path copy = Files.createDirectory(directory.resolve("store"));
        try (Stream<Path> files = Files.walk(folder.resolve("store"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = copy.resolve(folder.resolve("store").relativize(file));
                Files.createDirectories(Objects.requireNonNull(target.getParent()));
                Files.copy(file, target);
            }
        }
        store = Stores.open(copy.toUri().toString());
        return Repository.open(store, KeyFile.read(folder.resolve("test-only.key")));
    }

    @Test
    @DisplayName("A repository of November 2026 opens, and all of its backups verify and read back byte by byte")
    void backups() throws IOException, URISyntaxException {
        try (Repository repository = open()) {
            List<CommittedBackup> backups = repository.backups(SOURCE);
            assertThat(backups).hasSize(2);
            for (int i = 0; i < 2; i++) {
                String id = backups.get(i).id();
                assertThat(repository.verify(SOURCE, id, 1).sound()).isTrue();
                BackupReader reader = repository.backup(SOURCE, id);
                Map<String, String> found = new TreeMap<>();
                reader.entries(entry -> found.put(entry.path().toString(), described(reader, entry)));
                assertThat(found).isEqualTo(expected("backup-" + i));
            }
            assertThat(repository.backup(SOURCE, backups.get(1).id()).header().parent())
                    .contains(backups.get(0).id());
            assertThat(repository.leases())
                    .extracting(Lease::writer)
                    .containsOnly("host-1")
                    .hasSize(3);
        }
    }

    @Test
    @DisplayName("WAL of a repository of November 2026 reads back, and the same content still gets the same name")
    void wal() throws IOException, URISyntaxException {
        Map<String, String> found = new TreeMap<>();
        try (Repository repository = open()) {
            for (String key : keys(WAL)) {
                ObjectType type = WAL_TYPES.get(key.substring(key.lastIndexOf('.')));
                byte[] content;
                try (InputStream stream = repository.readFramed(Objects.requireNonNull(type), key)) {
                    content = stream.readAllBytes();
                }
                assertThat(key).contains("-" + repository.nameHash(content) + ".");
                found.put(key.substring(key.lastIndexOf('.') + 1), content.length + " " + Sha256.hash(content));
            }
        }
        assertThat(found).isEqualTo(expected("wal"));
    }

    @Test
    @DisplayName("A repository of November 2026 takes new backups and WAL beside its old ones")
    void goesOn() throws IOException, URISyntaxException {
        try (Repository repository = open()) {
            String parent = repository.backups(SOURCE).get(1).id();
            BackupRequest request = new BackupRequest(
                            SOURCE, BackupKind.INCREMENTAL, "host-2", TestRepository.json("server", "19"))
                    .withParent(parent);
            List<Entry> old = new ArrayList<>();
            repository.backup(SOURCE, parent).entries(old::add);
            try (BackupWriter writer = repository.startBackup(request)) {
                for (Entry entry : old) {
                    if (entry.type() == Entry.Type.FILE) {
                        writer.unchangedFile(entry, entry);
                    } else {
                        writer.add(entry);
                    }
                }
                CommittedBackup committed = writer.commit(TestRepository.json("label", "new"));
                assertThat(repository.verify(SOURCE, committed.id(), 1).sound()).isTrue();
                BackupReader reader = repository.backup(SOURCE, committed.id());
                Map<String, String> found = new TreeMap<>();
                reader.entries(entry -> found.put(entry.path().toString(), described(reader, entry)));
                assertThat(found).isEqualTo(expected("backup-1"));
            }
        }
    }

    @Test
    @EnabledIfSystemProperty(named = "muster.fixture", matches = ".+", disabledReason = "writes, only when asked to")
    @DisplayName("Writes another such repository into the folder that -Dmuster.fixture names")
    void writeAnother() throws IOException {
        Path target = Path.of(System.getProperty("muster.fixture"));
        Path stored = Files.createDirectories(target.resolve("store"));
        KeyFile key = KeyFile.generate(target.resolve("test-only.key"));
        Map<String, byte[]> wal = Map.of(
                "000000020000000000000001-%s.seg", TestRepository.text(5000, 7),
                "000000020000000000000002/00000000-00000200-%s.part", TestRepository.random(512, 8),
                "00000002-%s.history",
                        "1\t0/3000000\tno recovery target specified\n".getBytes(StandardCharsets.US_ASCII));
        Map<String, String> walContent = new TreeMap<>();
        try (Repository repository =
                Repository.create(Stores.open(stored.toUri().toString()), key, Clock.systemUTC())) {
            CommittedBackup full = write(repository, request(BackupKind.FULL), List.of());
            List<Entry> before = new ArrayList<>();
            repository.backup(SOURCE, full.id()).entries(before::add);
            CommittedBackup second =
                    write(repository, request(BackupKind.INCREMENTAL).withParent(full.id()), before);
            for (Map.Entry<String, byte[]> object : wal.entrySet()) {
                byte[] content = object.getValue();
                String name = String.format(object.getKey(), repository.nameHash(content));
                String end = name.substring(name.lastIndexOf('.'));
                ObjectType type = Objects.requireNonNull(WAL_TYPES.get(end));
                repository.writeFramed(type, WAL + name, content, 0, content.length);
                walContent.put(end.substring(1), content.length + " " + Sha256.hash(content));
            }
            record(target, "wal", walContent);
            int number = 0;
            for (CommittedBackup backup : List.of(full, second)) {
                BackupReader reader = repository.backup(SOURCE, backup.id());
                Map<String, String> found = new TreeMap<>();
                reader.entries(entry -> found.put(entry.path().toString(), described(reader, entry)));
                record(target, "backup-" + number++, found);
            }
            repository.startBackup(request(BackupKind.FULL)).close();
        }
    }

    private static BackupRequest request(BackupKind kind) {
        return new BackupRequest(SOURCE, kind, "host-1", TestRepository.json("server", "18.6"));
    }

    /** One file is new in every backup, the others are those of before where there are any. */
    private static CommittedBackup write(Repository repository, BackupRequest request, List<Entry> before) {
        Map<String, byte[]> contents = new TreeMap<>(Map.of(
                "base/1/1259",
                TestRepository.text(20_000, 2),
                "base/1/zeros",
                new byte[300_000],
                "base/random",
                TestRepository.random(900, 3),
                "empty",
                new byte[0]));
        try (BackupWriter backup = repository.startBackup(request)) {
            try (PackWriter pack = backup.pack()) {
                backup.add(Entry.directory(EntryPath.of("base"), 0700).withOwner(26, 26));
                backup.add(Entry.symlink(EntryPath.of("base/link"), LinkTarget.of("/elsewhere/\u00e4")));
                if (before.isEmpty()) {
                    contents.forEach((name, content) -> TestRepository.add(backup, pack, name, content));
                }
                for (Entry entry : before) {
                    if (entry.type() == Entry.Type.FILE
                            && !entry.path().toString().equals("changing")) {
                        backup.unchangedFile(entry, entry);
                    }
                }
                byte[] changing = TestRepository.text(3_000, before.size());
                Entry entry = Entry.file(EntryPath.of("changing"), 0640, changing.length)
                        .withModified(Instant.parse("2026-11-21T01:02:03.004005Z"))
                        .withOwner(26, 27)
                        .withAttributes(Map.of("relation", "1259"));
                backup.fileOfRuns(entry, List.of(pack.run(0, changing, 0, changing.length)));
            }
            return backup.commit(TestRepository.json("label", "old"));
        }
    }

    private static String described(BackupReader reader, Entry entry) {
        String head = entry.type() + " " + Integer.toOctalString(entry.mode()) + " " + entry.owner() + " "
                + entry.modified() + " " + entry.target().map(Object::toString).orElse("") + " " + entry.attributes();
        if (entry.type() != Entry.Type.FILE) {
            return head;
        }
        byte[] content = TestRepository.content(reader, entry);
        return head + " " + content.length + " " + Sha256.hash(content);
    }

    private List<String> keys(String prefix) {
        List<String> keys = new ArrayList<>();
        Objects.requireNonNull(store).list(prefix, object -> keys.add(object.key()));
        return keys;
    }

    private Map<String, String> expected(String name) throws IOException {
        Map<String, String> lines = new TreeMap<>();
        for (String line : Files.readAllLines(folder.resolve(name + ".txt"))) {
            lines.put(line.substring(0, line.indexOf('\t')), line.substring(line.indexOf('\t') + 1));
        }
        return lines;
    }

    private static void record(Path target, String name, Map<String, String> lines) throws IOException {
        List<String> text = new ArrayList<>();
        lines.forEach((key, value) -> text.add(key + "\t" + value));
        Files.write(target.resolve(name + ".txt"), text);
    }
}

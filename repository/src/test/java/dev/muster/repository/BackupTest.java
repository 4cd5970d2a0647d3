package dev.muster.repository;

import static dev.muster.repository.TestRepository.SOURCE;
import static dev.muster.repository.TestRepository.json;
import static dev.muster.repository.TestRepository.random;
import static dev.muster.repository.TestRepository.text;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.muster.repository.encryption.EncryptedObject;
import dev.muster.repository.encryption.EncryptedStore;
import dev.muster.repository.encryption.EncryptedStream;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.frames.Sha256;
import dev.muster.repository.keys.KeyRing;
import dev.muster.repository.keys.RepositoryIdentity;
import dev.muster.storage.ObjectInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupTest {
    private static final int FRAME = 128 << 10;

    @TempDir
    private Path directory;

    private TestRepository test;

    @BeforeEach
    void create() throws IOException {
        test = new TestRepository(directory);
    }

    @AfterEach
    void close() {
        test.close();
    }

    @Test
    @DisplayName("Files come back as they went in: empty, at the frame's boundaries, incompressible, zeros inside")
    void files() {
        Map<String, byte[]> files = new TreeMap<>();
        files.put("empty", new byte[0]);
        files.put("one", new byte[] {7});
        files.put("frame-1", text(FRAME - 1, 1));
        files.put("frame", text(FRAME, 2));
        files.put("frame+1", text(FRAME + 1, 3));
        files.put("random", random(3 * FRAME + 17, 4));
        byte[] holes = text(6 * FRAME, 5);
        Arrays.fill(holes, FRAME, 5 * FRAME, (byte) 0);
        files.put("holes", holes);
        files.put("zeros", new byte[2 * FRAME]);

        CommittedBackup backup = test.backup(files);

        assertSame(test.restore(backup), files);
        assertThat(test.repository.verify(SOURCE, backup.id(), 2).requireSound().files())
                .isEqualTo(files.size());
    }

    @Test
    @DisplayName("A run is read alone, from many threads at once, also a part of a frame")
    void runsInParallel() throws Exception {
        byte[] content = text(40 * FRAME, 9);
        CommittedBackup backup = test.backup(Map.of("table", content));
        BackupReader reader = test.repository.backup(SOURCE, backup.id());
        List<Entry> entries = new ArrayList<>();
        reader.entries(entries::add);
        List<Run> runs = reader.runs(entries.get(0)).toList();
        assertThat(runs).hasSize(40);

        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> reads = new ArrayList<>();
            for (int round = 0; round < 4; round++) {
                for (Run run : runs) {
                    reads.add(threads.submit(() -> {
                        Run.Stored whole = (Run.Stored) run;
                        Run part = new Run.Stored(run.offset() + 8192, 8192, whole.ref(), 8192);
                        byte[] out = new byte[10 + run.length()];
                        reader.read(run, out, 10);
                        int from = (int) run.offset();
                        assertThat(Arrays.equals(out, 10, out.length, content, from, from + run.length()))
                                .isTrue();
                        reader.read(part, out, 0);
                        assertThat(Arrays.equals(out, 0, 8192, content, from + 8192, from + 16384))
                                .isTrue();
                    }));
                }
            }
            for (Future<?> read : reads) {
                read.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    @DisplayName("Many threads write one backup, and packs roll over when they are full")
    void packsRollOver() throws Exception {
        Map<String, byte[]> files = new HashMap<>();
        for (int i = 0; i < 24; i++) {
            files.put("file-" + i, random(FRAME + i, i));
        }
        CommittedBackup committed;
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try (BackupWriter backup =
                test.repository.startBackup(TestRepository.request().withPackSize(300_000))) {
            List<String> names = List.copyOf(files.keySet());
            List<Future<?>> writers = new ArrayList<>();
            for (int writer = 0; writer < 3; writer++) {
                int first = writer;
                writers.add(threads.submit(() -> {
                    try (PackWriter pack = backup.pack()) {
                        for (int i = first; i < names.size(); i += 3) {
                            TestRepository.add(backup, pack, names.get(i), requireNonNull(files.get(names.get(i))));
                        }
                    }
                }));
            }
            for (Future<?> writer : writers) {
                writer.get();
            }
            committed = backup.commit(json("label", "parallel"));
        } finally {
            threads.shutdownNow();
        }

        List<ObjectInfo> packs = objects("src/" + SOURCE + "/b/" + committed.id() + "/p-");
        assertThat(packs.size()).isBetween(8, 12);
        assertThat(packs).allMatch(pack -> pack.size() < 300_000 + 2 * FRAME);
        assertSame(test.restore(committed), new TreeMap<>(files));
        assertThat(test.repository
                        .verify(SOURCE, committed.id(), 2)
                        .requireSound()
                        .packs())
                .isEqualTo(packs.size());
    }

    @Test
    @DisplayName("Thousands of entries, names that are not UTF-8 and of 255 bytes, links and all metadata come back")
    void entries() {
        byte[] odd = {'d', '/', (byte) 0xff, (byte) 0xfe, '\n', '"'};
        byte[] longest = new byte[255];
        Arrays.fill(longest, (byte) 'x');
        List<Entry> wanted = new ArrayList<>();
        wanted.add(Entry.directory(EntryPath.ROOT, 0700));
        wanted.add(Entry.directory(EntryPath.of("d"), 0750).withOwner(70, 71));
        wanted.add(
                Entry.file(EntryPath.of(odd), 04755, 0).withModified(Instant.parse("2026-11-21T03:04:05.123456789Z")));
        wanted.add(
                Entry.file(EntryPath.of(longest), 0600, 0).withAttributes(Map.of("oid", "16384", "ümlaut", "\u0000")));
        wanted.add(Entry.symlink(EntryPath.of("link"), LinkTarget.of(new byte[] {'/', (byte) 0xc3})));
        for (int i = 0; i < 5_000; i++) {
            wanted.add(Entry.file(EntryPath.of("base/16384/" + i), 0600, 0));
        }
        CommittedBackup committed;
        try (BackupWriter backup = test.start()) {
            for (Entry entry : wanted) {
                if (entry.type() == Entry.Type.FILE) {
                    backup.file(entry, List.of());
                } else {
                    backup.add(entry);
                }
            }
            committed = backup.commit(json("label", "names"));
        }

        List<Entry> found = new ArrayList<>();
        BackupReader reader = test.repository.backup(SOURCE, committed.id());
        reader.entries(found::add);
        assertThat(found).isEqualTo(wanted);
        assertThat(reader.header().attributes()).isEqualTo(json("server", "18.6"));
        assertThat(reader.header().kind()).isEqualTo(BackupKind.FULL);
    }

    @Test
    @DisplayName("Owners beyond 2^31, as user namespaces have them, stand in the manifest as the system shows them")
    void largeOwners() throws IOException {
        int nobody = (int) 4_294_967_294L;
        CommittedBackup committed;
        try (BackupWriter backup = test.start()) {
            backup.add(Entry.directory(EntryPath.of("d"), 0750).withOwner(nobody, nobody));
            committed = backup.commit(json("label", "owners"));
        }
        EncryptedStore objects = new EncryptedStore(
                test.store, test.repository.id(), KeyRing.open(test.store, List.of(test.key), identity()));
        EncryptedObject manifest =
                objects.open("src/" + SOURCE + "/b/" + committed.id() + "/manifest", ObjectType.MANIFEST);
        try (var text = new com.github.luben.zstd.ZstdInputStream(new EncryptedStream(manifest))) {
            assertThat(new String(text.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8))
                    .contains("\"uid\":4294967294,\"gid\":4294967294");
        }
        List<Entry> found = new ArrayList<>();
        test.repository.backup(SOURCE, committed.id()).entries(found::add);
        assertThat(found).singleElement().extracting(Entry::owner).isEqualTo(new Entry.Owner(nobody, nobody));
    }

    private RepositoryIdentity identity() throws IOException {
        byte[] description = java.nio.file.Files.readAllBytes(test.folder.resolve("repo.json"));
        return new RepositoryIdentity(test.repository.id(), Sha256.hash(description));
    }

    @Test
    @DisplayName("Paths that could leave the target of a restore are refused")
    void paths() {
        for (String path :
                List.of("", "/etc/passwd", "..", "a/../b", "a//b", "a/", "./a", "a/.", "a\0b", "x".repeat(256))) {
            assertThatThrownBy(() -> EntryPath.of(path)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(EntryPath.of("..a/b..").toString()).isEqualTo("..a/b..");
    }

    @Test
    @DisplayName("An increment points to its ancestor's maps and frames and restores as a full")
    void increment() {
        byte[] unchanged = text(2 * FRAME, 1);
        byte[] table = text(3 * FRAME, 2);
        CommittedBackup full = test.backup(new TreeMap<>(Map.of("unchanged", unchanged, "table", table)));
        byte[] changed = table.clone();
        byte[] block = random(8192, 3);
        System.arraycopy(block, 0, changed, FRAME + 16384, 8192);

        Map<String, Entry> before = new HashMap<>();
        BackupReader ancestor = test.repository.backup(SOURCE, full.id());
        ancestor.entries(entry -> before.put(entry.path().toString(), entry));
        CommittedBackup increment;
        try (BackupWriter backup =
                test.repository.startBackup(TestRepository.request().withParent(full.id()))) {
            List<Run> old = ancestor.runs(requireNonNull(before.get("table"))).toList();
            Run.Stored middle = (Run.Stored) old.get(1);
            try (PackWriter pack = backup.pack()) {
                backup.unchangedFile(
                        Entry.file(EntryPath.of("unchanged"), 0600, unchanged.length),
                        requireNonNull(before.get("unchanged")));
                List<Run> runs = List.of(
                        old.get(0),
                        new Run.Stored(FRAME, 16384, middle.ref(), 0),
                        pack.run(FRAME + 16384, block, 0, 8192),
                        new Run.Stored(FRAME + 24576, FRAME - 24576, middle.ref(), 24576),
                        old.get(2));
                backup.fileOfRuns(Entry.file(EntryPath.of("table"), 0600, changed.length), runs);
            }
            increment = backup.commit(json("label", "increment"));
        }

        assertSame(test.restore(increment), new TreeMap<>(Map.of("unchanged", unchanged, "table", changed)));
        assertThat(increment.parent()).contains(full.id());
        assertThat(test.repository
                        .verify(SOURCE, increment.id(), 1)
                        .requireSound()
                        .frames())
                .isGreaterThan(4);
        assertThat(objects("src/" + SOURCE + "/b/" + increment.id() + "/p-"))
                .singleElement()
                .satisfies(pack -> assertThat(pack.size()).isLessThan(10_000));
    }

    @Test
    @DisplayName("A file of more runs than one map holds has several maps, each read alone")
    void severalMaps() {
        int length = FileMap.MAX_RUNS + 5;
        byte[] content = random(FRAME, 8);
        CommittedBackup backup;
        try (BackupWriter writer = test.start()) {
            List<Run> runs = new ArrayList<>(length);
            try (PackWriter pack = writer.pack()) {
                FrameRef ref = pack.frame(content, 0, FRAME);
                for (int i = 0; i < length; i++) {
                    runs.add(new Run.Stored(i, 1, ref, i));
                }
            }
            writer.fileOfRuns(Entry.file(EntryPath.of("large"), 0600, length), runs);
            backup = writer.commit(json("label", "large"));
        }
        BackupReader reader = test.repository.backup(SOURCE, backup.id());
        List<Entry> entries = new ArrayList<>();
        reader.entries(entries::add);
        List<MapRef> maps = entries.get(0).maps();
        assertThat(maps).hasSize(2);
        assertThat(reader.runs(maps.get(1))).hasSize(5);
        assertThat(reader.runs(entries.get(0)).count()).isEqualTo(length);
        byte[] last = new byte[1];
        reader.read(reader.runs(maps.get(1)).get(4), last, 0);
        assertThat(last[0]).isEqualTo(content[length - 1]);
    }

    @Test
    @DisplayName("Repository and stores 1: of a backup that was abandoned nothing is listed or can be read")
    void abandoned() {
        String id;
        try (BackupWriter backup = test.start()) {
            id = backup.id();
            try (PackWriter pack = backup.pack()) {
                TestRepository.add(backup, pack, "table", text(FRAME, 1));
            }
        }
        assertThat(test.repository.backups(SOURCE)).isEmpty();
        assertRefused("BACKUP_UNKNOWN", () -> test.repository.backup(SOURCE, id));
        assertThat(objects("lease/host-1/")).hasSize(1);
    }

    @Test
    @DisplayName("A backup with an open or failed writer of packs cannot be committed")
    void incomplete() {
        try (BackupWriter backup = test.start();
                PackWriter pack = backup.pack()) {
            pack.frame(new byte[] {1}, 0, 1);
            assertRefused("BACKUP_INCOMPLETE", () -> backup.commit(json("label", "open")));
        }
        try (BackupWriter backup = test.start()) {
            PackWriter pack = backup.pack();
            assertThatThrownBy(() -> pack.frame(new byte[1], 0, 2)).isInstanceOf(RuntimeException.class);
            pack.close();
            assertRefused("BACKUP_INCOMPLETE", () -> backup.commit(json("label", "failed")));
        }
        assertThat(test.repository.backups(SOURCE)).isEmpty();
    }

    @Test
    @DisplayName(
            "Repository and stores 2: a writer that wakes after it was decided against learns it and commits nothing")
    void wokenAfterAbort() {
        try (BackupWriter backup = test.start()) {
            assertThat(test.repository.abortBackup(SOURCE, backup.id())).isTrue();
            assertRefused("BACKUP_ABORTED", () -> backup.commit(json("label", "late")));
            assertThat(test.repository.backups(SOURCE)).isEmpty();
            assertRefused("BACKUP_NOT_COMMITTED", () -> test.repository.backup(SOURCE, backup.id()));
        }
    }

    @Test
    @DisplayName("Of a commit and an abort at the same time exactly one decides, and both learn which")
    void commitRace() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            for (int round = 0; round < 20; round++) {
                try (BackupWriter backup = test.start()) {
                    CountDownLatch start = new CountDownLatch(1);
                    Future<Boolean> aborted = threads.submit(() -> {
                        start.await();
                        return test.repository.abortBackup(SOURCE, backup.id());
                    });
                    Future<Boolean> committed = threads.submit(() -> {
                        start.await();
                        try {
                            backup.commit(json("label", "race"));
                            return true;
                        } catch (RepositoryException e) {
                            assertThat(e.code()).isEqualTo("BACKUP_ABORTED");
                            return false;
                        }
                    });
                    start.countDown();
                    assertThat(aborted.get()).isNotEqualTo(committed.get());
                    assertThat(test.repository.backups(SOURCE).stream().anyMatch(b -> b.id().equals(backup.id())))
                            .isEqualTo(committed.get());
                }
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    @DisplayName("Listing tells id, kind and summary, and goes on past a decision that cannot be read if asked to")
    void listing() throws IOException {
        CommittedBackup first = test.backup(Map.of("a", new byte[] {1}));
        CommittedBackup second = test.backup(Map.of("a", new byte[] {2}));
        assertThat(test.repository.backups(SOURCE)).containsExactly(first, second);
        assertThat(first.summary().path("totals").path("files").asInt()).isEqualTo(1);

        Path commit = test.folder.resolve("src/" + SOURCE + "/b/" + first.id() + "/COMMIT");
        java.nio.file.Files.write(commit, new byte[10]);
        assertRefused("OBJECT_DAMAGED", () -> test.repository.backups(SOURCE));
        List<RepositoryException> unreadable = new ArrayList<>();
        assertThat(test.repository.backups(SOURCE, unreadable::add)).containsExactly(second);
        assertThat(unreadable).singleElement().satisfies(e -> assertThat(e).hasMessageContaining(first.id()));
    }

    @Test
    @DisplayName("Bad names of sources, writers and backups are refused before anything is touched")
    void names() {
        for (String source : List.of("", "Orders", "a/b", "..", "-a", "a".repeat(64))) {
            assertRefused("INVALID_NAME", () -> test.repository.backups(source));
            assertRefused(
                    "INVALID_NAME",
                    () -> test.repository.startBackup(
                            new BackupRequest(source, BackupKind.FULL, "host-1", json("a", "b"))));
        }
        assertRefused("INVALID_NAME", () -> test.repository.backup(SOURCE, "../../etc"));
        assertRefused(
                "INVALID_NAME",
                () -> test.repository.startBackup(new BackupRequest(SOURCE, BackupKind.FULL, "a/b", json("a", "b"))));
    }

    @Test
    @DisplayName("A framed object gives its content back: empty, small, a segment of 16 MiB; and is created once")
    void framedObjects() throws IOException {
        int number = 0;
        for (int size : List.of(0, 1, FRAME - 1, FRAME, FRAME + 1, 300_000, 16 << 20)) {
            byte[] content = text(size, size);
            String key = "src/" + SOURCE + "/wal/7/00000001/00000000/" + number++ + ".seg";
            test.repository.writeFramed(ObjectType.WAL_SEGMENT, key, content, 0, size);
            assertThat(test.repository.readFramed(ObjectType.WAL_SEGMENT, key).readAllBytes())
                    .isEqualTo(content);
            assertThat(test.repository.framedSize(ObjectType.WAL_SEGMENT, key)).isEqualTo(size);
            assertThatThrownBy(() -> test.repository.writeFramed(ObjectType.WAL_SEGMENT, key, content, 0, size))
                    .hasMessageContaining("exists already");
        }
    }

    @Test
    @DisplayName("A name's hash is the same after opening again, differs by content, and differs between repositories")
    void nameHash() throws IOException {
        byte[] content = "segment".getBytes(StandardCharsets.UTF_8);
        String hash = test.repository.nameHash(content);
        assertThat(hash).matches("[0-9a-f]{16}").isNotEqualTo(test.repository.nameHash(new byte[0]));
        try (Repository again = Repository.open(test.store, test.key);
                TestRepository other =
                        new TestRepository(java.nio.file.Files.createDirectory(directory.resolve("o")))) {
            assertThat(again.nameHash(content)).isEqualTo(hash);
            assertThat(other.repository.nameHash(content)).isNotEqualTo(hash);
        }
    }

    /** Byte by byte, which a recursive comparison would do at a thousandth of the speed. */
    private static void assertSame(Map<String, byte[]> found, Map<String, byte[]> wanted) {
        assertThat(found.keySet()).isEqualTo(wanted.keySet());
        found.forEach((name, content) ->
                assertThat(Arrays.equals(content, wanted.get(name))).as(name).isTrue());
    }

    private List<ObjectInfo> objects(String prefix) {
        List<ObjectInfo> objects = new ArrayList<>();
        test.store.list(prefix, objects::add);
        return objects;
    }

    private static void assertRefused(String code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .asInstanceOf(type(RepositoryException.class))
                .extracting(RepositoryException::code)
                .isEqualTo(code);
    }
}

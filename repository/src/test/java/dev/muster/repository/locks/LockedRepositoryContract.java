package dev.muster.repository.locks;

import static org.assertj.core.api.Assertions.assertThat;

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
import dev.muster.repository.RepositoryException;
import dev.muster.repository.Run;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.expiry.Expiry;
import dev.muster.repository.expiry.ExpiryProgress;
import dev.muster.repository.expiry.ExpiryResult;
import dev.muster.repository.expiry.ExpirySettings;
import dev.muster.repository.keys.KeyFile;
import dev.muster.repository.keys.RepositoryKeys;
import dev.muster.repository.keys.SlotDescription;
import dev.muster.repository.retention.RetentionPolicy;
import dev.muster.repository.retention.RetentionRules;
import dev.muster.repository.verification.Level;
import dev.muster.repository.verification.Problem;
import dev.muster.repository.verification.Verifier;
import dev.muster.storage.ObjectLock;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectVersion;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What holds in every store that locks objects. */
abstract class LockedRepositoryContract {
    static final String SOURCE = "orders-main";
    private static final int SIZE = 10_000;
    private static final String PART = "src/" + SOURCE
            + "/wal/7/00000001/00000000/000000010000000000000001/00000000-00000100-0123456789abcdef.part";
    private static final String SEGMENT =
            "src/" + SOURCE + "/wal/7/00000001/00000000/000000010000000000000001-0123456789abcdef.seg";

    @TempDir
    Path folder;

    private KeyFile key;

    /** The same place each time, whose new objects are locked for so many days. */
    abstract ObjectStore store(int days);

    @BeforeEach
    void create() throws IOException {
        key = KeyFile.generate(folder.resolve("key"));
        Repository.create(store(2), key, Clock.systemUTC()).close();
    }

    Repository open(int days) {
        return open(days, Duration.ZERO);
    }

    private Repository open(int days, Duration later) {
        return Repository.open(store(days), key, Clock.offset(Clock.systemUTC(), later));
    }

    private static byte[] content(int seed) {
        byte[] bytes = new byte[SIZE];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    KeyFile key() {
        return key;
    }

    static BackupRequest request(BackupKind kind) {
        return new BackupRequest(SOURCE, kind, "host-1", JsonNodeFactory.instance.objectNode());
    }

    static String full(Repository repository) {
        try (BackupWriter backup = repository.startBackup(request(BackupKind.FULL))) {
            try (PackWriter pack = backup.pack()) {
                for (int i = 0; i < 2; i++) {
                    Entry entry = Entry.file(EntryPath.of("f" + i), 0600, SIZE);
                    backup.fileOfRuns(entry, List.of(pack.run(0, content(i), 0, SIZE)));
                }
            }
            return backup.commit(JsonNodeFactory.instance.objectNode()).id();
        }
    }

    /** The first file by its runs, the second by its map. */
    static String increment(Repository repository, String parent) {
        BackupReader reader = repository.backup(SOURCE, parent);
        try (BackupWriter backup =
                repository.startBackup(request(BackupKind.INCREMENTAL).withParent(parent))) {
            reader.entries(entry -> {
                if (entry.path().toString().equals("f0")) {
                    backup.fileOfRuns(entry, reader.runs(entry).toList());
                } else {
                    backup.unchangedFile(entry, entry);
                }
            });
            return backup.commit(JsonNodeFactory.instance.objectNode()).id();
        }
    }

    private static void assertRestores(Repository repository, String id) {
        BackupReader reader = repository.backup(SOURCE, id);
        List<String> names = new ArrayList<>();
        reader.entries(entry -> {
            int seed = entry.path().toString().charAt(1) - '0';
            byte[] bytes = new byte[SIZE];
            for (Run run : reader.runs(entry).toList()) {
                reader.read(run, bytes, (int) run.offset());
            }
            assertThat(Arrays.equals(bytes, content(seed))).isTrue();
            names.add(entry.path().toString());
        });
        assertThat(names).containsExactlyInAnyOrder("f0", "f1");
    }

    private static List<String> keys(ObjectStore store, String prefix) {
        List<String> keys = new ArrayList<>();
        store.list(prefix, object -> keys.add(object.key()));
        return keys;
    }

    private static List<String> ids(Repository repository) {
        return repository.backups(SOURCE).stream().map(CommittedBackup::id).toList();
    }

    @Test
    @DisplayName(
            "Repository and stores 6: after somebody deleted every object, backups are listed, restored and verified from"
                    + " behind the delete markers, and each look says so")
    void everythingDeleted() throws IOException {
        String full;
        String second;
        try (Repository repository = open(2)) {
            full = full(repository);
            second = increment(repository, full);
            repository.writeFramed(ObjectType.WAL_SEGMENT, SEGMENT, content(9), 0, SIZE);
            assertThat(repository.hidden()).isEmpty();
            assertThat(new Verifier(repository, Clock.systemUTC(), 1)
                            .verify(Level.LISTING, List.of(SOURCE))
                            .sound())
                    .isTrue();
        }
        ObjectStore attacked = store(2);
        List<String> all = keys(attacked, "");
        all.forEach(attacked::delete);
        assertThat(keys(attacked, "")).isEmpty();

        try (Repository repository = open(2)) {
            List<HiddenObject> alarms = new ArrayList<>();
            repository.onHidden(alarms::add);
            assertThat(alarms).extracting(HiddenObject::key).contains("repo.json");
            assertThat(ids(repository)).containsExactly(full, second);
            assertThat(alarms).hasSameElementsAs(repository.hidden());
            assertRestores(repository, full);
            assertRestores(repository, second);
            assertThat(repository.readFramed(ObjectType.WAL_SEGMENT, SEGMENT).readAllBytes())
                    .isEqualTo(content(9));
            assertThat(keys(repository.store(), "src/" + SOURCE + "/wal/")).containsExactly(SEGMENT);
            assertThat(repository.hidden())
                    .extracting(HiddenObject::key)
                    .contains("repo.json", SEGMENT, "src/" + SOURCE + "/b/" + second + "/COMMIT")
                    .allMatch(all::contains);
            assertThat(repository.verify(SOURCE, full, 1).problems())
                    .isNotEmpty()
                    .extracting(RepositoryException::code)
                    .containsOnly("OBJECT_HIDDEN");
            assertThat(new Verifier(repository, Clock.systemUTC(), 1)
                            .verify(Level.LISTING, List.of(SOURCE)).levels().stream()
                                    .flatMap(level -> level.problems().stream()))
                    .isNotEmpty()
                    .extracting(Problem::code)
                    .containsOnly("OBJECT_HIDDEN");
            // Nobody can decide over it again.
            assertThat(repository.abortBackup(SOURCE, full)).isFalse();
            assertThat(increment(repository, second)).isNotEmpty();
        }
    }

    @Test
    @DisplayName("A backup that refers to older packs and maps locks them, repo.json and the keys as long as itself")
    void extended() {
        String full;
        try (Repository repository = open(2)) {
            full = full(repository);
        }
        ObjectStore longer = store(5);
        ObjectLock lock = longer.lock().orElseThrow();
        String prefix = "src/" + SOURCE + "/b/" + full + "/";
        String pack = prefix + "p-00000000.pack";
        Instant before = lock.lockedUntil(pack).orElseThrow();
        String second;
        try (Repository repository = open(5)) {
            second = increment(repository, full);
        }
        Instant until =
                lock.lockedUntil("src/" + SOURCE + "/b/" + second + "/manifest").orElseThrow();
        assertThat(until).isAfter(before.plus(Duration.ofDays(2)));
        List<String> needed = new ArrayList<>(List.of(pack, prefix + "map-0000", "repo.json"));
        needed.addAll(keys(longer, "keys/"));
        for (String one : needed) {
            assertThat(lock.lockedUntil(one))
                    .as(one)
                    .hasValueSatisfying(time -> assertThat(time).isAfterOrEqualTo(until));
        }
        assertThat(lock.lockedUntil(prefix + "COMMIT"))
                .hasValueSatisfying(time -> assertThat(time).isBefore(until));
    }

    @Test
    @DisplayName("A pack that is hidden behind a delete marker gets its lock extended too")
    void extendedBehindMarker() {
        String full;
        try (Repository repository = open(2)) {
            full = full(repository);
        }
        String pack = "src/" + SOURCE + "/b/" + full + "/p-00000000.pack";
        store(2).delete(pack);
        try (Repository repository = open(5)) {
            increment(repository, full);
        }
        ObjectLock lock = store(5).lock().orElseThrow();
        List<Instant> until = new ArrayList<>();
        lock.versions(pack, version -> {
            if (!version.deleteMarker()) {
                until.add(lock.lockedUntil(version).orElseThrow());
            }
        });
        assertThat(until)
                .singleElement()
                .satisfies(time -> assertThat(time).isAfter(Instant.now().plus(Duration.ofDays(4))));
    }

    @Test
    @DisplayName(
            "Repository and stores 6: what is under lock is reported by an expiry and stays, and goes when the lock has"
                    + " ended")
    void expiry() {
        String full;
        String second;
        // S3's times are whole seconds: what was committed in this one would count as still to come.
        try (Repository earlier = open(2, Duration.ofHours(-1))) {
            full = full(earlier);
        }
        try (Repository earlier = open(2, Duration.ofMinutes(-30))) {
            second = full(earlier);
        }
        try (Repository repository = open(2)) {
            ExpiryResult result = expire(repository);
            assertThat(result.expired()).isEmpty();
            assertThat(result.objects()).isZero();
            assertThat(result.spared()).containsExactly(full);
            assertThat(ids(repository)).containsExactly(full, second);
        }
        try (Repository repository = open(2, Duration.ofDays(3))) {
            ExpiryResult result = expire(repository);
            assertThat(result.expired()).containsExactly(full);
            assertThat(result.locked()).isEmpty();
            assertThat(ids(repository)).containsExactly(second);
            assertThat(repository.hidden()).isEmpty();
            assertThat(keys(store(2), "src/" + SOURCE + "/b/" + full)).isEmpty();
            assertRestores(repository, second);
        }
    }

    private static ExpiryResult expire(Repository repository) {
        RetentionPolicy policy = new RetentionPolicy(RetentionRules.last(1), ZoneOffset.UTC);
        Expiry expiry = new Expiry(repository, SOURCE, policy, ExpirySettings.defaults());
        return expiry.apply(expiry.plan(), ExpiryProgress.NONE);
    }

    @Test
    @DisplayName(
            "Parts of open segments are locked for a short time, leases not at all, and all else as the store says")
    void kinds() {
        ObjectLock lock = store(9).lock().orElseThrow();
        Instant now = Instant.now();
        try (Repository repository = open(9)) {
            repository.writeFramed(ObjectType.WAL_PART, PART, content(1), 0, 256);
            repository.writeFramed(ObjectType.WAL_SEGMENT, SEGMENT, content(1), 0, SIZE);
            full(repository);
            assertThat(lock.lockedUntil(PART))
                    .hasValueSatisfying(until ->
                            assertThat(until).isBetween(now.plus(Duration.ofDays(2)), now.plus(Duration.ofDays(4))));
            assertThat(lock.lockedUntil(SEGMENT))
                    .hasValueSatisfying(until -> assertThat(until).isAfter(now.plus(Duration.ofDays(8))));
            for (String lease : keys(repository.store(), "lease/")) {
                assertThat(lock.lockedUntil(lease)).isEmpty();
                assertThat(repository.isLocked(lease)).isFalse();
            }
            assertThat(repository.isLocked(PART)).isTrue();
            assertThat(repository.isLocked(SEGMENT)).isTrue();
            store(9).delete(SEGMENT);
            assertThat(repository.isLocked(SEGMENT)).isTrue();
        }
        try (Repository repository = open(9, Duration.ofDays(4))) {
            assertThat(repository.isLocked(PART)).isFalse();
        }
    }

    /** What somebody with the store's credentials does who does not ask whether the object is there. */
    abstract void writeOver(String objectKey, byte[] bytes);

    @Test
    @DisplayName(
            "Repository and stores 6: after somebody wrote over every object, and deleted some of them then, backups are"
                    + " listed, restored and go on from the locked versions, and each look says so")
    void everythingWrittenOver() throws IOException {
        String full;
        String second;
        try (Repository repository = open(2)) {
            full = full(repository);
            second = increment(repository, full);
            repository.writeFramed(ObjectType.WAL_SEGMENT, SEGMENT, content(9), 0, SIZE);
        }
        ObjectStore attacked = store(2);
        List<String> all = keys(attacked, "");
        all.removeIf(one -> one.startsWith("lease/"));
        for (String one : all) {
            writeOver(one, content(one.hashCode()));
            if (one.hashCode() % 2 == 0) {
                attacked.delete(one);
                writeOver(one, content(7));
            }
            if (one.hashCode() % 3 == 0) {
                attacked.delete(one);
            }
        }
        try (Repository repository = open(2)) {
            assertThat(ids(repository)).containsExactly(full, second);
            assertRestores(repository, full);
            assertRestores(repository, second);
            assertThat(repository.readFramed(ObjectType.WAL_SEGMENT, SEGMENT).readAllBytes())
                    .isEqualTo(content(9));
            assertThat(repository.hidden()).extracting(HiddenObject::key).containsExactlyInAnyOrderElementsOf(all);
            assertThat(repository.verify(SOURCE, second, 1).problems())
                    .isNotEmpty()
                    .extracting(RepositoryException::code)
                    .containsOnly("OBJECT_HIDDEN");
            for (String one : all) {
                assertThat(repository.isLocked(one)).as(one).isTrue();
            }
            String third = increment(repository, second);
            assertRestores(repository, third);
        }
    }

    @Test
    @DisplayName(
            "What is written over is locked as long as the backups that need it: the version that counts, not the new one")
    void writtenOverAndExtended() {
        String full;
        try (Repository repository = open(2)) {
            full = full(repository);
        }
        String pack = "src/" + SOURCE + "/b/" + full + "/p-00000000.pack";
        writeOver(pack, content(5));
        try (Repository repository = open(5)) {
            assertRestores(repository, increment(repository, full));
        }
        ObjectLock lock = store(5).lock().orElseThrow();
        List<ObjectVersion> versions = new ArrayList<>();
        lock.versions(pack, versions::add);
        ObjectVersion first = versions.get(versions.size() - 1);
        assertThat(lock.lockedUntil(first))
                .hasValueSatisfying(
                        until -> assertThat(until).isAfter(Instant.now().plus(Duration.ofDays(4))));
    }

    @Test
    @DisplayName(
            "A key slot that was revoked under lock is hidden by nobody, extended by no backup, and gone when its lock has"
                    + " ended")
    void revoked() throws IOException {
        KeyFile leaving = KeyFile.generate(folder.resolve("leaving.key"));
        String slot = keys(Duration.ZERO).add(leaving).get(0);
        ObjectLock lock = store(5).lock().orElseThrow();
        Instant end = lock.lockedUntil(slot).orElseThrow();
        assertThat(keys(Duration.ZERO).revoke(slot)).hasValue(end);
        assertThat(keys(Duration.ZERO).slots())
                .filteredOn(SlotDescription::revoked)
                .extracting(SlotDescription::name)
                .containsExactly(slot);
        try (Repository repository = open(5)) {
            full(repository);
            assertThat(repository.mayReferToOlder()).isTrue();
            assertThat(repository.hidden()).isEmpty();
        }
        assertThat(lock.lockedUntil(slot)).as("nobody extends what is to go").hasValue(end);
        for (String other : keys(store(5), "keys/")) {
            assertThat(other.equals(slot)
                            || lock.lockedUntil(other).orElseThrow().isAfter(end))
                    .as(other)
                    .isTrue();
        }
        assertThat(keys(Duration.ofDays(3)).revoke(slot)).isEmpty();
        assertThat(keys(store(2), "revoke/")).isEmpty();
        assertThat(keys(Duration.ofDays(3)).slots())
                .extracting(SlotDescription::name)
                .doesNotContain(slot);
    }

    @Test
    @DisplayName("What only looks like a revocation lets no lock of a key slot lapse")
    void forgedRevocation() {
        String slot = keys(store(5), "keys/").get(0);
        ObjectLock lock = store(5).lock().orElseThrow();
        Instant end = lock.lockedUntil(slot).orElseThrow();
        store(5).create(
                        "revoke" + slot.substring("keys".length()) + "/01M7ZW7330JMH31K5GSFFYNE7W",
                        new ByteArrayInputStream(content(3)));
        try (Repository repository = open(5)) {
            full(repository);
        }
        assertThat(lock.lockedUntil(slot))
                .hasValueSatisfying(until -> assertThat(until).isAfter(end.plus(Duration.ofDays(2))));
    }

    private RepositoryKeys keys(Duration later) {
        return Repository.keys(store(2), List.of(key), Clock.offset(Clock.systemUTC(), later));
    }
}

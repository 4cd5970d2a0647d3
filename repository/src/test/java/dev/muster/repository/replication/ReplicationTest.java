package dev.muster.repository.replication;

import static dev.muster.repository.testing.SmallRepository.SOURCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.layout.ObjectName;
import dev.muster.repository.replication.ReplicatedBackup.Outcome;
import dev.muster.repository.testing.SmallRepository;
import dev.muster.repository.verification.Level;
import dev.muster.repository.verification.Verifier;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.Stores;
import dev.muster.storage.testing.MemoryStore;
import dev.muster.storage.testing.TroubledStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplicationTest {
    private static final ReplicationOptions OPTIONS = new ReplicationOptions("replicator");

    @TempDir
    private Path directory;

    private SmallRepository small;
    private MemoryStore replica;
    private CommittedBackup full;
    private CommittedBackup increment;

    @BeforeEach
    void create() {
        small = SmallRepository.filled(directory);
        replica = new MemoryStore("replica");
        List<CommittedBackup> backups = small.repository.backups(SOURCE);
        full = backups.get(0);
        increment = backups.get(1);
    }

    @AfterEach
    void close() {
        small.close();
    }

    private ReplicationReport replicate() {
        return replicate(replica);
    }

    private ReplicationReport replicate(ObjectStore target) {
        return Replication.of(small.repository, target, OPTIONS, Clock.systemUTC())
                .run(ReplicationProgress.NONE);
    }

    private ReplicationReport replicateWithoutKey() {
        return Replication.withoutKey(small.store, replica, OPTIONS, Clock.systemUTC())
                .run(ReplicationProgress.NONE);
    }

    /** Every backup and WAL object comes back from there with its bytes. */
    private void assertRestores(ObjectStore from) {
        try (Repository opened = small.open(from)) {
            assertThat(opened.backups(SOURCE))
                    .extracting(CommittedBackup::id)
                    .containsExactlyElementsOf(small.contents().keySet());
            small.contents().forEach((backup, files) -> assertSame(SmallRepository.restore(opened, backup), files));
            small.walContents()
                    .forEach((key, content) ->
                            assertThat(SmallRepository.readWal(opened, key)).isEqualTo(content));
            assertSoundAsFarAsItGoes(opened);
        }
    }

    private static void assertSoundAsFarAsItGoes(Repository opened) {
        assertThat(new Verifier(opened, Clock.systemUTC(), 1)
                        .verify(Level.INDEXES, List.of(SOURCE))
                        .levels()
                        .get(0)
                        .problems())
                .isEmpty();
    }

    private static void assertSame(Map<String, byte[]> found, Map<String, byte[]> wanted) {
        assertThat(found.keySet()).isEqualTo(wanted.keySet());
        found.forEach((name, content) -> assertThat(content).as(name).isEqualTo(wanted.get(name)));
    }

    @Test
    @DisplayName("A replica holds the origin's objects byte for byte, without its leases, and restores as the original")
    void copies() {
        List<String> copied = new ArrayList<>();
        ReplicationReport report = Replication.of(small.repository, replica, OPTIONS.withThreads(1), Clock.systemUTC())
                .run((key, bytes) -> copied.add(key));
        assertThat(report.requireSound().backups())
                .extracting(ReplicatedBackup::backup, ReplicatedBackup::outcome)
                .containsExactly(tuple(increment.id(), Outcome.COPIED), tuple(full.id(), Outcome.COPIED));
        for (String key : small.store.keys()) {
            if (!key.startsWith("lease/") && !key.startsWith("replica/")) {
                assertThat(replica.bytes(key)).as(key).isEqualTo(small.store.bytes(key));
            }
        }
        assertThat(replica.keys().stream().filter(key -> key.startsWith("lease/")))
                .containsExactly("lease/replicator/" + full.id(), "lease/replicator/" + increment.id());
        assertThat(copied.get(0)).isEqualTo("repo.json");
        String commit = ObjectName.commit(SOURCE, increment.id());
        assertThat(copied.indexOf(commit))
                .isGreaterThan(copied.indexOf(ObjectName.manifest(SOURCE, increment.id())))
                .isGreaterThan(copied.indexOf(ObjectName.pack(SOURCE, full.id(), 0)))
                .isGreaterThan(copied.indexOf(ObjectName.map(SOURCE, full.id(), 0)));
        assertRestores(replica);
    }

    @Test
    @DisplayName("A second run copies nothing, and one after a new backup and WAL copies only these")
    void incremental() {
        replicate().requireSound();
        ReplicationReport second = replicate().requireSound();
        assertThat(second.objects()).isZero();
        assertThat(second.backups()).extracting(ReplicatedBackup::outcome).containsOnly(Outcome.PRESENT);
        CommittedBackup third = small.increment(increment, 7);
        small.wal(10);
        ReplicationReport more = replicate().requireSound();
        assertThat(more.backups().get(0)).isEqualTo(new ReplicatedBackup(SOURCE, third.id(), Outcome.COPIED));
        assertThat(more.objects()).isEqualTo(4 + 4);
        assertRestores(replica);
    }

    @Test
    @DisplayName("Without the key the replica is the same, with the COMMITs after everything that they may need")
    void withoutKey() {
        List<String> copied = new ArrayList<>();
        ReplicationReport report = Replication.withoutKey(
                        small.store, replica, OPTIONS.withThreads(1), Clock.systemUTC())
                .run((key, bytes) -> copied.add(key));
        assertThat(report.requireSound().checked()).isFalse();
        int firstCommit = copied.stream()
                .filter(key -> key.endsWith("/COMMIT"))
                .mapToInt(copied::indexOf)
                .min()
                .orElseThrow();
        int lastPack = copied.stream()
                .filter(key -> key.endsWith(".pack") || key.contains("/map-"))
                .mapToInt(copied::indexOf)
                .max()
                .orElseThrow();
        assertThat(firstCommit).isGreaterThan(lastPack);
        assertRestores(replica);
        assertThat(replicateWithoutKey().requireSound().objects()).isZero();
    }

    @Test
    @DisplayName(
            "Repository and stores 6: a pack that the replica has lost is copied again by the next run, whosever it is")
    void lostPack() {
        replicate().requireSound();
        for (CommittedBackup backup : List.of(full, increment)) {
            replica.delete(ObjectName.pack(SOURCE, backup.id(), 0));
            ReplicationReport report = replicate().requireSound();
            assertThat(report.backups()).contains(new ReplicatedBackup(SOURCE, backup.id(), Outcome.REPAIRED));
            assertThat(report.objects()).isEqualTo(1);
        }
        assertRestores(replica);
    }

    @Test
    @DisplayName(
            "Repository and stores 6: what an increment needs of a backup that expired is copied, and again when lost")
    void expiredAncestor() {
        small.store.delete(ObjectName.commit(SOURCE, full.id()));
        small.store.delete(ObjectName.manifest(SOURCE, full.id()));
        small.store.delete("lease/host-1/" + full.id());
        small.contents().remove(full.id());
        replicate().requireSound();
        assertRestores(replica);
        replica.delete(ObjectName.pack(SOURCE, full.id(), 0));
        assertThat(replicate().requireSound().objects()).isEqualTo(1);
        replica.delete(ObjectName.map(SOURCE, full.id(), 0));
        ReplicationReport report = Replication.of(small.repository, replica, OPTIONS.withEveryMap(), Clock.systemUTC())
                .run(ReplicationProgress.NONE);
        assertThat(report.requireSound().backups())
                .containsExactly(new ReplicatedBackup(SOURCE, increment.id(), Outcome.REPAIRED));
        assertRestores(replica);
    }

    @Test
    @DisplayName(
            "Repository and stores 4: a damaged object does not reach the replica, and its backup does not count there")
    void damagedOrigin() {
        String pack = ObjectName.pack(SOURCE, full.id(), 0);
        small.store.bytes(pack)[100] ^= 1;
        ReplicationReport report = replicate();
        assertThat(report.sound()).isFalse();
        assertThat(report.complete()).isTrue();
        assertThat(report.problems()).allSatisfy(problem -> {
            assertThat(problem.code()).isEqualTo("OBJECT_DAMAGED");
            assertThat(problem.object()).isEqualTo(pack);
        });
        assertThat(replica.find(pack)).isEmpty();
        try (Repository opened = small.open(replica)) {
            assertThat(opened.backups(SOURCE)).isEmpty();
        }
        small.store.bytes(pack)[100] ^= 1;
        replicate().requireSound();
        assertRestores(replica);
    }

    @Test
    @DisplayName(
            "Repository and stores 4: one bit flipped in any object of the origin never makes the replica look good")
    void everyObjectDamaged() {
        for (String key : small.store.keys()) {
            if (key.startsWith("lease/") || key.equals("repo.json")) {
                continue;
            }
            byte[] bytes = small.store.bytes(key);
            bytes[bytes.length - 5] ^= 4;
            MemoryStore target = new MemoryStore(key);
            ReplicationReport report = replicate(target);
            assertThat(report.sound()).as(key).isFalse();
            assertThat(target.find(key)).as(key).isEmpty();
            bytes[bytes.length - 5] ^= 4;
            assertThat(replicate(target).sound()).as(key).isTrue();
            assertRestores(target);
        }
    }

    @Test
    @DisplayName(
            "An object of another size in the replica is named and left alone, and its backup does not come to count")
    void differs() {
        replicate().requireSound();
        String pack = ObjectName.pack(SOURCE, full.id(), 0);
        replica.delete(ObjectName.commit(SOURCE, full.id()));
        replica.replace(pack, new byte[10]);
        ReplicationReport report = replicate();
        assertThat(report.problems()).extracting("code").containsOnly("REPLICA_DIFFERS");
        assertThat(report.problems()).extracting("object").containsOnly(pack);
        assertThat(replica.bytes(pack)).hasSize(10);
        assertThat(replica.find(ObjectName.commit(SOURCE, full.id()))).isEmpty();
        replica.delete(pack);
        replicate().requireSound();
        assertRestores(replica);
    }

    @Test
    @DisplayName("WAL that would contradict the replica's is not put beside it")
    void walConflict() {
        replicate().requireSound();
        byte[] other = new byte[SmallRepository.SEGMENT_SIZE];
        try (Repository there = small.open(replica)) {
            String key = small.segment(40, other);
            small.store.delete(key);
            String elsewhere = key.replaceFirst("-[0-9a-f]{16}\\.seg", "-0123456789abcdef.seg");
            there.writeFramed(ObjectType.WAL_SEGMENT, elsewhere, other, 0, other.length);
            other[3] = 1;
            small.segment(40, other);
        }
        ReplicationReport report = replicate();
        assertThat(report.problems()).extracting("code").containsExactly("WAL_CONFLICT");
        assertThat(replica.keys().stream().filter(key -> key.contains("000028-")))
                .hasSize(1);
    }

    @Test
    @DisplayName(
            "Repository and stores 6: a store that is down ends the run, and when it is back the next one catches up")
    void down() {
        TroubledStore troubled = new TroubledStore(replica);
        troubled.makeFull(key -> key.endsWith(".pack"));
        ReplicationReport report = replicate(troubled);
        assertThat(report.complete()).isFalse();
        assertThat(report.problems()).extracting("code").containsExactly("STORE_FULL");
        assertThatThrownBy(report::requireSound).isInstanceOf(RepositoryException.class);
        assertThat(troubled.openWriters()).isZero();
        small.increment(increment, 9);
        small.wal(20);
        troubled.makeFull(key -> false);
        replicate(troubled).requireSound();
        assertRestores(replica);
    }

    @Test
    @DisplayName("A bad sector under one object of the origin keeps nothing else from being copied")
    void badSector() {
        TroubledStore troubled = new TroubledStore(small.store);
        String pack = ObjectName.pack(SOURCE, increment.id(), 0);
        troubled.makeUnreadable(pack::equals);
        try (Repository origin = small.open(troubled)) {
            ReplicationReport report =
                    Replication.of(origin, replica, OPTIONS, Clock.systemUTC()).run(ReplicationProgress.NONE);
            assertThat(report.complete()).isTrue();
            assertThat(report.problems()).extracting("object").containsOnly(pack);
            assertThat(report.backups())
                    .containsExactlyInAnyOrder(
                            new ReplicatedBackup(SOURCE, increment.id(), Outcome.INCOMPLETE),
                            new ReplicatedBackup(SOURCE, full.id(), Outcome.COPIED));
        }
    }

    @Test
    @DisplayName("Without the key no backup comes to count while a pack cannot be copied, as any backup may need it")
    void badSectorWithoutKey() {
        TroubledStore troubled = new TroubledStore(small.store);
        String pack = ObjectName.pack(SOURCE, full.id(), 0);
        troubled.makeUnreadable(pack::equals);
        ReplicationReport report = Replication.withoutKey(troubled, replica, OPTIONS, Clock.systemUTC())
                .run(ReplicationProgress.NONE);
        assertThat(report.complete()).isTrue();
        assertThat(report.problems()).extracting("object").containsExactly(pack);
        assertThat(replica.keys()).noneMatch(key -> key.endsWith("/COMMIT") || key.endsWith("/manifest"));
        replicateWithoutKey().requireSound();
        assertRestores(replica);
    }

    @Test
    @DisplayName("A store that is the origin, holds something else, or another repository is refused before a write")
    void refused() throws IOException {
        assertRefused("REPLICA_IS_ORIGIN", () -> replicate(small.store));
        MemoryStore strange = new MemoryStore("strange");
        strange.replace("notes", new byte[] {1});
        assertRefused("REPLICA_NOT_EMPTY", () -> replicate(strange));
        assertThat(strange.keys()).containsExactly("notes");
        MemoryStore other = new MemoryStore("other");
        Repository.create(other, small.key, Clock.systemUTC()).close();
        List<String> before = other.keys();
        assertRefused("REPLICA_OTHER_REPOSITORY", () -> replicate(other));
        assertRefused("REPLICA_OTHER_REPOSITORY", () -> small.repository.in(other));
        assertThat(other.keys()).isEqualTo(before);
        assertRefused(
                "NOT_A_REPOSITORY",
                () -> Replication.withoutKey(new MemoryStore("empty"), replica, OPTIONS, Clock.systemUTC())
                        .run(ReplicationProgress.NONE));
    }

    @Test
    @DisplayName(
            "Repository and stores 2: a backup that the replica's expiry took for dead does not come to count there")
    void abortedThere() {
        replicate().requireSound();
        CommittedBackup third = small.full(30);
        try (Repository there = small.open(replica)) {
            assertThat(there.abortBackup(SOURCE, third.id())).isTrue();
            ReplicationReport report = replicate();
            assertThat(report.problems()).extracting("code").containsExactly("REPLICA_ABORTED");
            assertThat(there.backups(SOURCE)).extracting(CommittedBackup::id).doesNotContain(third.id());
            small.contents().remove(third.id());
        }
        assertRestores(replica);
    }

    @Test
    @DisplayName("A replica that keeps things for a shorter time does not get back what it has let go")
    void oldest() {
        ReplicationOptions later =
                OPTIONS.withOldest(Clock.systemUTC().instant().plus(Duration.ofDays(2)));
        ReplicationReport report = Replication.of(small.repository, replica, later, Clock.systemUTC())
                .run(ReplicationProgress.NONE);
        assertThat(report.requireSound().backups()).isEmpty();
        assertThat(replica.keys())
                .allMatch(key -> key.equals("repo.json") || key.startsWith("keys/") || key.endsWith(".history"));
    }

    @Test
    @DisplayName(
            "Repository and stores 2: backups that are made while a replication lists do not count there before all"
                    + " they need is there")
    void madeMeanwhile() {
        for (boolean blind : new boolean[] {false, true}) {
            MemoryStore target = new MemoryStore("blind-" + blind);
            TroubledStore watched = new TroubledStore(small.store);
            int[] left = {8};
            watched.afterListing(prefix -> {
                if (prefix.startsWith(ObjectName.backups(SOURCE)) && left[0]-- > 0) {
                    List<CommittedBackup> all = small.repository.backups(SOURCE);
                    small.increment(all.get(all.size() - 1), 60 + left[0]);
                }
            });
            try (Repository origin = small.open(watched)) {
                Replication replication = blind
                        ? Replication.withoutKey(watched, target, OPTIONS, Clock.systemUTC())
                        : Replication.of(origin, target, OPTIONS, Clock.systemUTC());
                replication.run(ReplicationProgress.NONE).requireSound();
                assertThat(left[0]).isLessThan(8);
            }
            try (Repository there = small.open(target)) {
                assertSoundAsFarAsItGoes(there);
                assertThat(there.backups(SOURCE)).hasSizeGreaterThanOrEqualTo(2);
            }
            watched.afterListing(prefix -> {});
            replicate(target).requireSound();
            assertRestores(target);
        }
    }

    @Test
    @DisplayName(
            "Repository and stores 2: a backup that expires in the origin while it is copied is no problem and does not"
                    + " come to count")
    void expiredMeanwhile() {
        TroubledStore watched = new TroubledStore(small.store);
        watched.afterListing(prefix -> {
            if (prefix.equals(ObjectName.backup(SOURCE, increment.id()))) {
                small.store.delete(ObjectName.commit(SOURCE, increment.id()));
                small.store.delete(ObjectName.pack(SOURCE, increment.id(), 0));
                small.contents().remove(increment.id());
            }
        });
        try (Repository origin = small.open(watched)) {
            ReplicationReport report =
                    Replication.of(origin, replica, OPTIONS, Clock.systemUTC()).run(ReplicationProgress.NONE);
            assertThat(report.problems()).isEmpty();
            assertThat(report.backups()).containsExactly(new ReplicatedBackup(SOURCE, full.id(), Outcome.COPIED));
        }
        assertRestores(replica);
    }

    @Test
    @DisplayName(
            "Marks that keep a backup are copied, those of an expiry are not; and what the replica is letting go does not"
                    + " come back")
    void marks() {
        String folder = ObjectName.backup(SOURCE, full.id());
        small.store.replace(folder + "KEEP-01JD8X2V4MZ3A5B6C7D8E9FGHJ", new byte[] {1, 2});
        small.store.replace(folder + "EXPIRE-01JD8X2V4MZ3A5B6C7D8E9FGHK", new byte[] {3});
        replicate().requireSound();
        assertThat(replica.bytes(folder + "KEEP-01JD8X2V4MZ3A5B6C7D8E9FGHJ")).containsExactly(1, 2);
        assertThat(replica.keys()).noneMatch(key -> key.contains("EXPIRE-"));
        assertRestores(replica);
        String increments = ObjectName.backup(SOURCE, increment.id());
        replica.delete(ObjectName.commit(SOURCE, increment.id()));
        replica.replace(increments + "EXPIRE-01JD8X2V4MZ3A5B6C7D8E9FGHK", new byte[] {3});
        replicate().requireSound();
        replicateWithoutKey().requireSound();
        assertThat(replica.find(ObjectName.commit(SOURCE, increment.id()))).isEmpty();
    }

    @Test
    @DisplayName("Deletions in the origin are not propagated")
    void deletions() {
        replicate().requireSound();
        small.store.delete(ObjectName.commit(SOURCE, increment.id()));
        small.store.delete(ObjectName.pack(SOURCE, increment.id(), 0));
        replicate().requireSound();
        assertRestores(replica);
    }

    @Test
    @DisplayName("Between folders: a copy is a repository that opens with the key and restores")
    void folders() throws IOException {
        Path folder = Files.createDirectory(directory.resolve("replica"));
        ObjectStore local = Stores.open(folder.toUri().toString());
        replicate(local).requireSound();
        assertRestores(local);
        Map<String, byte[]> before = new TreeMap<>();
        local.list("", object -> before.put(object.key(), new byte[0]));
        assertThat(replicate(local).requireSound().objects()).isZero();
        assertThat(before).isNotEmpty();
    }

    private static void assertRefused(String code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        RepositoryException.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}

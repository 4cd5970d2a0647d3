package dev.muster.postgres.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.Progress;
import dev.muster.postgres.wal.SegmentName;
import dev.muster.postgres.wal.TimelineHistory;
import dev.muster.postgres.wal.WalArchive;
import dev.muster.postgres.wal.WalRange;
import dev.muster.repository.BackupKind;
import dev.muster.repository.BackupRequest;
import dev.muster.repository.BackupWriter;
import dev.muster.repository.Repository;
import dev.muster.repository.expiry.Expiry;
import dev.muster.repository.expiry.ExpiryProgress;
import dev.muster.repository.expiry.ExpirySettings;
import dev.muster.repository.keys.KeyFile;
import dev.muster.repository.reading.Reading;
import dev.muster.repository.retention.RetentionPolicy;
import dev.muster.repository.retention.RetentionRules;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.Stores;
import dev.muster.storage.testing.KilledStore;
import dev.muster.storage.testing.LockingStore;
import dev.muster.storage.testing.TroubledStore;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WalExpiryTest {
    private static final int MEGABYTE = 1 << 20;
    private static final String SOURCE = "orders-main";
    private static final WalPolicy WEEK = WalPolicy.window(Duration.ofDays(7));

    @TempDir
    private Path directory;

    private Path folder;
    private KeyFile key;
    private Repository repository;
    private Optional<ObjectStore> other = Optional.empty();

    /** WAL of the segments 0 to 12, backups at 2, 6 and 10; the second is the newest before the window. */
    @BeforeEach
    void create() throws IOException {
        folder = Files.createDirectory(directory.resolve("store"));
        key = KeyFile.generate(directory.resolve("muster.key"));
        repository = Repository.create(store(), key, Clock.systemUTC());
        fill();
        backup(2, Duration.ofDays(30));
        backup(6, Duration.ofDays(10));
        backup(10, Duration.ofDays(1));
        age(Duration.ofDays(1));
    }

    /** Also what an expiry took before. */
    private void fill() {
        WalArchive archive = archive(repository);
        for (int segment = 0; segment < 12; segment++) {
            archive.storeSegment(segment(segment), new byte[MEGABYTE]);
        }
        archive.storePart(segment(5), 0, new byte[1000]);
        archive.storePart(segment(8), 0, new byte[1000]);
        archive.storePart(segment(12), 0, new byte[1000]);
    }

    @AfterEach
    void close() {
        repository.close();
    }

    private ObjectStore store() {
        return other.orElseGet(() -> Stores.open(folder.toUri().toString()));
    }

    private static WalArchive archive(Repository repository) {
        return new WalArchive(repository, SOURCE, "7", MEGABYTE);
    }

    private static SegmentName segment(int number) {
        return new SegmentName(1, WalPlannerTest.at(number), MEGABYTE);
    }

    private static BackupRequest request() {
        return new BackupRequest(SOURCE, BackupKind.FULL, "host-1", JsonNodeFactory.instance.objectNode());
    }

    private void backup(int at, Duration old) {
        Instant time = Instant.now().minus(old);
        Clock then = Clock.fixed(time, ZoneOffset.UTC);
        try (Repository writing = Repository.open(store(), key, then);
                BackupWriter backup = writing.startBackup(request())) {
            Lsn start = WalPlannerTest.at(at).plus(50);
            backup.commit(
                    WalPlannerTest.summary(1, start, start.plus(100), time).toJson());
        }
    }

    private void age(Duration by) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Instant modified = Files.getLastModifiedTime(file).toInstant();
                // WAL goes on coming.
                boolean open = file.toString().contains("00C/");
                Files.setLastModifiedTime(file, FileTime.from(open ? Instant.now() : modified.minus(by)));
            }
        }
    }

    private static WalExpiryResult expire(Repository repository) {
        WalExpiry expiry = new WalExpiry(repository, SOURCE, WEEK);
        return expiry.apply(expiry.plan(), Progress.NONE);
    }

    private Set<String> wal() {
        Set<String> names = new TreeSet<>();
        store().list("src/" + SOURCE + "/wal/", object -> names.add(object.key().replaceAll(".*/00000000/", "")));
        return names;
    }

    private void assertBackupsHaveTheirWal() {
        WalArchive archive = archive(repository);
        repository.backups(SOURCE).forEach(backup -> {
            Lsn start = Lsn.parse(backup.summary().path("start").asText());
            Lsn stop = Lsn.parse(backup.summary().path("stop").asText());
            assertThat(archive.reach(TimelineHistory.first(), start)).isGreaterThanOrEqualTo(stop);
        });
        assertThat(archive.reach(TimelineHistory.first(), WalPlannerTest.at(6)))
                .isEqualTo(WalPlannerTest.at(12).plus(1000));
    }

    @Test
    @DisplayName(
            "WAL goes that no backup needs, and parts whose segment is whole; when a backup expires, its WAL follows")
    void expires() {
        WalExpiryPlan plan = new WalExpiry(repository, SOURCE, WEEK).plan();
        assertThat(plan.expired()).hasSize(6);
        assertThat(wal()).hasSize(15);
        assertThat(expire(repository).objects()).isEqualTo(6);
        assertThat(archive(repository).ranges())
                .containsExactly(
                        new WalRange(1, WalPlannerTest.at(2), WalPlannerTest.at(4)),
                        new WalRange(
                                1, WalPlannerTest.at(6), WalPlannerTest.at(12).plus(1000)));
        assertThat(wal()).anyMatch(name -> name.endsWith(".part") && name.contains("00C/"));
        assertThat(wal().stream().filter(name -> name.endsWith(".part"))).hasSize(1);
        assertBackupsHaveTheirWal();
        RetentionPolicy two = new RetentionPolicy(RetentionRules.last(2), ZoneOffset.UTC);
        Expiry backups =
                new Expiry(repository, SOURCE, two, ExpirySettings.defaults().withOrder(new WalOrder()));
        backups.apply(backups.plan(), ExpiryProgress.NONE);
        expire(repository);
        assertThat(archive(repository).ranges()).hasSize(1);
        assertBackupsHaveTheirWal();
        assertThat(expire(repository).objects()).isZero();
    }

    @Test
    @DisplayName("Repository and stores 2: no WAL goes while a backup is being made, on whatever machine")
    void running() {
        try (BackupWriter backup = repository.startBackup(request())) {
            WalExpiryResult result = expire(repository);
            assertThat(result.objects()).isZero();
            assertThat(result.waitingFor())
                    .singleElement()
                    .satisfies(one -> assertThat(one.backup()).isEqualTo(backup.id()));
        }
        assertThat(wal()).hasSize(15);
    }

    @Test
    @DisplayName("Repository and stores 2: WAL stays while a restore is under way, and goes when it has ended")
    void restore() {
        String oldest = repository.backups(SOURCE).get(0).id();
        try (Reading reading = Reading.begin(repository, SOURCE, oldest, "into /copy")) {
            WalExpiryResult result = expire(repository);
            assertThat(result.objects()).isZero();
            assertThat(result.waitingFor())
                    .singleElement()
                    .satisfies(one -> assertThat(one.writer()).isEqualTo("restore into /copy"));
        }
        assertThat(expire(repository).objects()).isPositive();
    }

    @Test
    @DisplayName("What a plan does not name is not deleted")
    void overtaken() {
        WalExpiry expiry = new WalExpiry(repository, SOURCE, WEEK);
        WalExpiryPlan plan = expiry.plan();
        assertThat(expiry.plan().hash()).isEqualTo(plan.hash());
        archive(repository).storePart(segment(1), 0, new byte[77]);
        assertThatThrownBy(() -> expiry.apply(plan, Progress.NONE))
                .isInstanceOfSatisfying(
                        PostgresException.class, e -> assertThat(e.code()).isEqualTo("WAL_PLAN_CHANGED"));
        assertThat(wal()).hasSize(16);
    }

    @Test
    @DisplayName("Repository and stores 1: on a full disk WAL goes, as nothing must be created for it")
    void fullDisk() {
        TroubledStore full = new TroubledStore(store());
        full.makeFull(object -> true);
        try (Repository expiring = Repository.open(full, key)) {
            assertThat(expire(expiring).objects()).isEqualTo(6);
        }
        assertBackupsHaveTheirWal();
    }

    @Test
    @DisplayName("Clock skew: an expirer whose clock is years ahead keeps the window that the store's times say")
    void clockAhead() {
        Clock ahead = Clock.offset(Clock.systemUTC(), Duration.ofDays(1_000));
        try (Repository expiring = Repository.open(store(), key, ahead)) {
            assertThat(expire(expiring).objects()).isEqualTo(6);
        }
        assertBackupsHaveTheirWal();
    }

    @Test
    @DisplayName("Parts stay beside a whole segment that is damaged")
    void damagedWhole() throws IOException {
        StringBuilder whole = new StringBuilder();
        store().list(
                        "src/" + SOURCE + "/wal/7/00000001/00000000/" + segment(8) + "-",
                        object -> whole.append(object.key()));
        try (RandomAccessFile file =
                new RandomAccessFile(folder.resolve(whole.toString()).toFile(), "rw")) {
            file.setLength(file.length() - 1);
        }
        age(Duration.ofDays(1));
        WalExpiryResult result = expire(repository);
        assertThat(result.doubts())
                .singleElement()
                .asString()
                .contains("00000008/")
                .contains("stays");
        assertThat(wal()).anyMatch(name -> name.endsWith(".part") && name.contains("008/"));
    }

    @Test
    @DisplayName("Another cluster's WAL below the same source stays until it has a backup")
    void otherCluster() {
        WalArchive other = new WalArchive(repository, SOURCE, "8", MEGABYTE);
        other.storeSegment(segment(1), new byte[MEGABYTE]);
        assertThat(expire(repository).doubts()).singleElement().asString().contains("no backup of this cluster");
        assertThat(other.ranges()).hasSize(1);
    }

    @Test
    @DisplayName(
            "Repository and stores 1: killed at any change of an expiry of WAL, every backup still has its WAL, and the"
                    + " next one finishes")
    void killed() throws IOException {
        boolean killed = true;
        int victim = 0;
        while (killed) {
            victim++;
            fill();
            age(Duration.ofHours(2));
            KilledStore store = KilledStore.atObject(store(), victim, KilledStore.When.AFTER);
            try (Repository dying = Repository.open(store, key)) {
                expire(dying);
                killed = store.killed();
            } catch (KilledStore.Killed end) {
                killed = true;
            }
            assertBackupsHaveTheirWal();
            expire(repository);
            assertThat(archive(repository).ranges()).hasSize(2);
            assertBackupsHaveTheirWal();
        }
        assertThat(victim).as("six objects, and one that is not killed").isEqualTo(7);
    }

    @Test
    @DisplayName(
            "Repository and stores 6: WAL under lock is reported and not deleted, and goes when its lock has ended")
    void underLock() {
        Clock yesterday = Clock.offset(Clock.systemUTC(), Duration.ofDays(-1));
        other = Optional.of(new LockingStore(Duration.ofDays(2), yesterday));
        try (Repository locked = Repository.create(store(), key, Clock.systemUTC())) {
            repository.close();
            repository = locked;
            fill();
            backup(2, Duration.ofDays(30));
            backup(6, Duration.ofDays(10));
            backup(10, Duration.ofDays(1));
            WalExpiry now = new WalExpiry(locked, SOURCE, WEEK);
            WalExpiryPlan plan = now.plan();
            assertThat(plan.expired()).isNotEmpty();
            WalExpiryResult refused = now.apply(plan, Progress.NONE);
            assertThat(refused.objects()).isZero();
            assertThat(refused.bytes()).isZero();
            assertThat(refused.locked())
                    .containsExactlyInAnyOrderElementsOf(
                            plan.expired().stream().map(ExpiredWal::key).toList());
        }
        Clock later = Clock.offset(Clock.systemUTC(), Duration.ofDays(3));
        try (Repository free = Repository.open(store(), key, later)) {
            WalExpiry again = new WalExpiry(free, SOURCE, WEEK);
            WalExpiryPlan plan = again.plan();
            WalExpiryResult gone = again.apply(plan, Progress.NONE);
            assertThat(gone.locked()).isEmpty();
            assertThat(gone.objects()).isEqualTo(plan.expired().size()).isPositive();
            assertThat(again.plan().expired()).isEmpty();
            assertThat(free.hidden()).isEmpty();
        }
    }
}

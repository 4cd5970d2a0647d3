package dev.muster.activities.stores;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.muster.activities.ActivityWork;
import dev.muster.activities.place.ProtectedDatabase;
import dev.muster.postgres.Lsn;
import dev.muster.postgres.backup.BackupSummary;
import dev.muster.postgres.backup.Making;
import dev.muster.postgres.wal.SegmentName;
import dev.muster.postgres.wal.WalArchive;
import dev.muster.repository.BackupKind;
import dev.muster.repository.BackupRequest;
import dev.muster.repository.BackupWriter;
import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Repository;
import dev.muster.repository.keys.KeyFile;
import dev.muster.runbooks.ResolvedRunbook;
import dev.muster.runbooks.Runbook;
import dev.muster.runbooks.observation.DatabaseObservation;
import dev.muster.runbooks.observation.Observed;
import dev.muster.runbooks.observation.RepositoryObservation;
import dev.muster.runbooks.plan.Plan;
import dev.muster.runbooks.plan.PlanCompiler;
import dev.muster.runbooks.plan.PlanContext;
import dev.muster.runbooks.yaml.RunbookFiles;
import dev.muster.runbooks.yaml.SourceText;
import dev.muster.storage.Stores;
import dev.muster.workflows.stores.ExpiredStore;
import io.temporal.activity.ActivityInterface;
import io.temporal.testing.TestActivityEnvironment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The expiry's step on a repository in a folder, with plans by the real compiler from what the repository holds. */
class StoreExpiryTest {
    private static final String SOURCE = "orders-main";
    private static final int MEGABYTE = 1 << 20;
    private static final Clock CLOCK = Clock.systemUTC();

    /** The step without its worker. */
    @ActivityInterface
    public interface Step {
        ExpiredStore expire();
    }

    @TempDir
    private Path directory;

    private Path folder;
    private KeyFile key;
    private Repository repository;

    /** WAL of the segments 0 to 11, a day old, and backups at 2, 4, 5 and 10. */
    @BeforeEach
    void create() throws IOException {
        folder = Files.createDirectory(directory.resolve("store"));
        key = KeyFile.generate(directory.resolve("muster.key"));
        repository = Repository.create(Stores.open(folder.toUri().toString()), key, CLOCK);
        WalArchive archive = archive();
        for (int segment = 0; segment < 12; segment++) {
            archive.storeSegment(new SegmentName(1, at(segment), MEGABYTE), new byte[MEGABYTE]);
        }
        age(Duration.ofDays(1));
        archive.storePart(new SegmentName(1, at(12), MEGABYTE), 0, new byte[1000]);
        backup(2, Duration.ofDays(30));
        backup(4, Duration.ofDays(20));
        backup(5, Duration.ofDays(10));
        backup(10, Duration.ofDays(2));
    }

    @AfterEach
    void close() {
        repository.close();
    }

    private static Lsn at(int segment) {
        return new Lsn((long) segment * MEGABYTE);
    }

    private WalArchive archive() {
        return new WalArchive(repository, SOURCE, "7", MEGABYTE);
    }

    private void age(Duration by) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(by)));
            }
        }
    }

    private void backup(int segment, Duration old) {
        Instant time = Instant.now().minus(old);
        Lsn start = at(segment).plus(50);
        BackupSummary summary = new BackupSummary(
                "7",
                180_006,
                1,
                start,
                start,
                start.plus(100),
                time,
                time,
                MEGABYTE,
                8192,
                true,
                1,
                1,
                1,
                List.of(),
                Map.of(),
                new Making(BackupKind.FULL, Optional.empty(), Making.Method.WHOLE, "", 0, 0, 0, 0, 0));
        try (Repository writing = Repository.open(
                        Stores.open(folder.toUri().toString()), key, Clock.fixed(time, ZoneOffset.UTC));
                BackupWriter backup = writing.startBackup(
                        new BackupRequest(SOURCE, BackupKind.FULL, "host-1", JsonNodeFactory.instance.objectNode()))) {
            backup.commit(summary.toJson());
        }
    }

    private List<String> backups() {
        return repository.backups(SOURCE).stream().map(CommittedBackup::id).toList();
    }

    private ResolvedRunbook runbook(String policy) {
        return RunbookFiles.read(List.of(
                        new SourceText("runbook.yaml", """
                                apiVersion: muster/v1
                                kind: Runbook
                                metadata: {name: expire}
                                spec: {scenario: expire, policy: %s}
                                """.formatted(policy)),
                        new SourceText("orders.yaml", """
                                apiVersion: muster/v1
                                kind: System
                                metadata: {name: orders}
                                spec:
                                  tier: critical
                                  sites: [{name: berlin}]
                                  repositories:
                                    - {name: primary, site: berlin, store: "file://%s", key: "file:/etc/orders.key"}
                                  databases:
                                    - name: main
                                      site: berlin
                                      host: db1
                                      repository: primary
                                      dataDirectory: /var/lib/postgresql/18/main
                                      connection: {host: 127.0.0.1, port: 5432, user: muster, database: orders}
                                """.formatted(folder))))
                .only()
                .resolved();
    }

    private Plan plan(ResolvedRunbook resolved) {
        Instant now = Instant.now();
        return PlanCompiler.compile(
                resolved.runbook(),
                resolved.system(),
                new Observed(
                        DatabaseObservation.notAsked(now),
                        new RepositoryObservation(
                                now,
                                List.of(),
                                List.of(),
                                List.of(),
                                null,
                                List.of(),
                                null,
                                null,
                                null,
                                ExpiryLook.of(repository, SOURCE, (Runbook.Expire) resolved.runbook()))),
                new PlanContext("01KAJ7ZQ5V3M9X2W8R4T6Y0ABC", "kim", "a".repeat(64), "b".repeat(64)));
    }

    private ExpiredStore expire(ResolvedRunbook resolved, Plan plan) {
        ProtectedDatabase database = ProtectedDatabase.of(resolved.system(), resolved.database());
        Step step = () -> ActivityWork.run(heartbeats -> new StoreExpiry(repository, database, CLOCK)
                .run(Objects.requireNonNull(plan.expire()), plan, heartbeats));
        TestActivityEnvironment environment = TestActivityEnvironment.newInstance();
        try {
            environment.registerActivitiesImplementations(step);
            return environment.newActivityStub(Step.class).expire();
        } finally {
            environment.close();
        }
    }

    @Test
    @DisplayName(
            "A policy that nobody approved takes no WAL that the points of the last days need, as it takes no backup"
                    + " of them")
    void youngWalStays() {
        ResolvedRunbook resolved = runbook("{daily: 100, window: 1h}");
        ExpiredStore expired = expire(resolved, plan(resolved));
        assertThat(expired.expired()).isEmpty();
        assertThat(archive().ranges())
                .as("from the newest backup before the week that keepAtLeast holds, whatever the policy says")
                .last()
                .satisfies(range -> {
                    assertThat(range.from()).isLessThanOrEqualTo(at(5));
                    assertThat(range.to()).isEqualTo(at(12).plus(1000));
                });
    }

    @Test
    @DisplayName("Engine 3: an expiry whose reply was lost tells what went, not that nothing was left to do")
    void theReplyIsLost() {
        ResolvedRunbook resolved = runbook("{last: 1, window: 1h}");
        List<String> before = backups();
        Plan plan = plan(resolved);
        ExpiredStore first = expire(resolved, plan);
        assertThat(first.expired()).containsExactlyElementsOf(before.subList(0, 3));
        assertThat(backups()).containsExactly(before.get(3));

        ExpiredStore again = expire(resolved, plan);
        assertThat(again.expired()).containsExactlyElementsOf(first.expired());
        assertThat(again.objects()).isZero();
    }
}

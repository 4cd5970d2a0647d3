package dev.muster.e2e;

import static dev.muster.e2e.ProtectedOrders.eventually;
import static dev.muster.e2e.ProtectedOrders.there;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.catalog.Catalog;
import dev.muster.catalog.IndexedBackup;
import dev.muster.catalog.RunFilter;
import dev.muster.catalog.RunRecord;
import dev.muster.cli.RunFollower;
import dev.muster.cli.TriedAgain;
import dev.muster.embedded.stack.Stack;
import dev.muster.repository.BackupKind;
import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Repository;
import dev.muster.repository.frames.Sha256;
import dev.muster.repository.keys.KeyFile;
import dev.muster.storage.Stores;
import dev.muster.storage.testing.Thorough;
import dev.muster.workflows.backup.TakenBackup;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunStatus;
import dev.muster.workflows.run.StepReport;
import dev.muster.workflows.stores.ExpiredStore;
import dev.muster.workflows.stores.ReplicatedStore;
import dev.muster.workflows.stores.VerifiedStore;
import io.temporal.api.workflow.v1.PendingActivityInfo;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionRequest;
import io.temporal.client.WorkflowStub;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/** Backups of every kind, and what is done with them once they are stored, by runs with all of Muster around them. */
@Timeout(180)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class StoredBackupsTest {
    private static final String SOURCE = "orders-main";

    private static ProtectedOrders orders;
    private static Catalog catalog;

    @BeforeAll
    static void start() throws Exception {
        orders = ProtectedOrders.withCatalog();
        catalog = Catalog.open(orders.catalog().settings());
    }

    @AfterAll
    static void end() {
        if (catalog != null) {
            catalog.close();
        }
        if (orders != null) {
            orders.close();
        }
    }

    private static RunReport succeeded(WorkflowStub run) throws InterruptedException {
        RunReport report = orders.finish(run);
        assertThat(report.verdict()).as(report.summary()).isEqualTo(RunReport.Verdict.SUCCEEDED);
        return report;
    }

    private static String expire(String more) {
        return """
                apiVersion: muster/v1
                kind: Runbook
                metadata: {name: only-the-newest}
                spec:
                  scenario: expire
                  policy: {last: 1, window: 1h}
                %s
                """.formatted(more);
    }

    private static RunReport approved(WorkflowStub run) throws InterruptedException {
        orders.approve(run, orders.waiting(run));
        return succeeded(run);
    }

    private static List<CommittedBackup> backups(Path store) {
        try (Repository repository = Repository.open(
                Stores.open("file://" + store), KeyFile.read(orders.stack().keyFile()))) {
            return repository.backups(SOURCE);
        }
    }

    private static RunRecord recorded(RunReport report) {
        return eventually("the run's record is complete")
                .ignoreExceptions()
                .until(
                        () -> catalog.runs().find(report.runId()).orElseThrow(),
                        record -> record.ended() != null && record.reportJson() != null);
    }

    private static void expectIndexed(List<String> backups) {
        eventually("the index shows " + backups)
                .ignoreExceptions()
                .until(() -> catalog.index().of(Stack.SYSTEM).get(0).backups().stream()
                        .map(IndexedBackup::id)
                        .toList()
                        .equals(backups));
    }

    @Test
    @Order(1)
    void anIncrementIsTakenVerifiedReplicatedAndStillRestoresWhenItsParentHasExpired() throws Exception {
        TakenBackup parent = there(
                succeeded(orders.start("shipped:backup-incremental")).results().backup());
        assertThat(there(parent.making()).parent()).isEqualTo(orders.backup());
        TakenBackup increment = there(
                succeeded(orders.start("shipped:backup-incremental")).results().backup());
        assertThat(there(increment.making()).kind()).isEqualTo("incremental");
        assertThat(there(increment.making()).parent()).isEqualTo(parent.backup());
        assertThat(there(increment.making()).bytesRead()).isLessThan(increment.bytes() / 2);

        RunReport looked = succeeded(orders.start("shipped:verify"));
        VerifiedStore verified = there(looked.results().verified());
        assertThat(verified.levels()).extracting(VerifiedStore.Level::level).containsExactly("indexes", "content");
        assertThat(verified.levels()).allSatisfy(level -> {
            assertThat(level.problemCount()).isZero();
            assertThat(level.objects()).isPositive();
        });
        assertThat(recorded(looked).reportJson()).contains("\"verified\":{");

        RunReport copied = succeeded(orders.start("shipped:replicate"));
        ReplicatedStore replicated = there(copied.results().replicated()).get(0);
        assertThat(replicated.to()).isEqualTo("offsite");
        assertThat(replicated.copied()).isEqualTo(3);
        assertThat(replicated.lag()).singleElement().satisfies(lag -> {
            assertThat(lag.replicaBackup()).isEqualTo(increment.backup());
            assertThat(lag.missingBackups()).isZero();
        });
        assertThat(backups(orders.stack().offsiteFolder())).hasSize(3);
        assertThat(recorded(copied).reportJson()).contains("\"replicated\":[{");

        assertThatThrownBy(() -> orders.start("young", expire("")).getResult(RunReport.class))
                .hasStackTraceContaining("EXPIRY_NEEDS_APPROVAL");
        assertThat(backups(orders.stack().storeFolder())).hasSize(3);

        RunReport gone = approved(orders.start("approved", expire("  approval: {role: approver, expires: 30m}")));
        ExpiredStore expired = there(gone.results().expired());
        // The oldest stays: recovery to the points of the window begins with it.
        assertThat(expired.expired()).containsExactly(parent.backup());
        assertThat(backups(orders.stack().storeFolder()))
                .extracting(CommittedBackup::id)
                .containsExactlyInAnyOrder(orders.backup(), increment.backup());
        assertThat(backups(orders.stack().offsiteFolder()))
                .as("each store expires by itself")
                .hasSize(3);
        assertThat(recorded(gone).reportJson()).contains("\"expired\":{");
        expectIndexed(List.of(increment.backup(), orders.backup()));

        succeeded(orders.start("shipped:restore-test"));
    }

    @Test
    @Order(2)
    @Thorough
    void aBackupIsKeptByItsMarkHoweverOldItsRulesLetItGrow() throws Exception {
        // One between the oldest, which the window needs, and the marked one.
        succeeded(orders.start("shipped:backup"));
        String kept =
                there(succeeded(orders.start("kept", """
                                apiVersion: muster/v1
                                kind: Runbook
                                metadata: {name: kept}
                                spec: {scenario: backup, kind: archival, throttle: 1GB, keep: {why: the audit, for: 90d}}
                                """)).results().backup()).backup();
        succeeded(orders.start("shipped:backup"));
        ExpiredStore expired =
                there(approved(orders.start("marked", expire("  approval: {role: approver, expires: 30m}")))
                        .results()
                        .expired());
        assertThat(expired.expired()).doesNotContain(kept).isNotEmpty();
        assertThat(backups(orders.stack().storeFolder()))
                .filteredOn(backup -> backup.id().equals(kept))
                .extracting(CommittedBackup::kind)
                .containsExactly(BackupKind.ARCHIVAL);
    }

    @Test
    @Order(3)
    @DisplayName(
            "A backup that meets another on its source is refused at once where the runbook wants that, untried again")
    void anotherBackupIsNotWaitedForLongerThanTheRunbookSays() throws Exception {
        long lock = Sha256.hash(("muster backup of " + SOURCE).getBytes(StandardCharsets.UTF_8))
                .first();
        try (Connection other = orders.primary().muster().connect("test");
                Statement statement = other.createStatement()) {
            statement.execute("select pg_advisory_lock(" + lock + ")");
            RunReport report = orders.finish(orders.start("impatient", """
                    apiVersion: muster/v1
                    kind: Runbook
                    metadata: {name: impatient}
                    spec: {scenario: backup, wait: 0s}
                    """));
            assertThat(report.verdict()).isEqualTo(RunReport.Verdict.FAILED);
            assertThat(report.summary()).contains("SOURCE_BUSY", "waits no longer than 0 s");
        }
    }

    @Test
    @Order(4)
    @Thorough
    @DisplayName(
            "PostgreSQL recovery 11: lost WAL is said, received again beyond the gap, and answered by a full backup")
    void whatTheServerLostIsAnsweredByANewFullBackup() throws Exception {
        orders.host().kill();
        loseWal();
        orders.startHost();

        RunRecord run = eventually("the worker has taken a full backup")
                .ignoreExceptions()
                .until(
                        () -> catalog.runs().list(RunFilter.ALL.withScenario("backup"), null, 20).runs().stream()
                                .filter(record -> record.requester().equals("worker:" + Stack.HOST))
                                .findFirst()
                                .orElseThrow(),
                        record -> record.ended() != null);
        assertThat(run.verdict()).as(run.summary()).isEqualTo("SUCCEEDED");
        succeeded(orders.start("shipped:restore-test"));
    }

    /** The slot is gone, and so is what it held back. */
    private static void loseWal() throws SQLException {
        eventually("the server has seen that its receiver is gone")
                .until(() -> query("select count(*) from pg_replication_slots where active") == 0);
        try (Connection connection = orders.primary().administrator("postgres").connect("test");
                Statement statement = connection.createStatement()) {
            statement.execute("select pg_drop_replication_slot('muster')");
            for (int i = 0; i < 4; i++) {
                statement.execute("select pg_switch_wal()");
                statement.execute("create table lost_" + i + " as select generate_series(1, 1000) as id");
                statement.execute("checkpoint");
            }
        }
    }

    private static long query(String sql) throws SQLException {
        try (Connection connection = orders.primary().muster().connect("test");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    @Test
    @Order(4)
    @Thorough
    @DisplayName("Engine 1: a site's worker killed while it replicates is replaced, and the copy is whole")
    void aWorkerKilledInTheMiddleOfAReplication() throws Exception {
        succeeded(orders.start("shipped:backup"));
        long before = files(orders.stack().offsiteFolder());
        WorkflowStub run = orders.start("shipped:replicate");
        eventually("something new is there").until(() -> files(orders.stack().offsiteFolder()) > before);
        orders.host().kill();
        orders.startHost();

        ReplicatedStore replicated =
                there(succeeded(run).results().replicated()).get(0);
        assertThat(replicated.problemCount()).isZero();
        assertThat(replicated.lag())
                .allSatisfy(lag -> assertThat(lag.missingBackups()).isZero());
        VerifiedStore verified =
                there(succeeded(orders.start("verify-offsite", """
                                apiVersion: muster/v1
                                kind: Runbook
                                metadata: {name: verify-offsite}
                                spec: {scenario: verify, repository: offsite}
                                """)).results().verified());
        assertThat(verified.repository()).isEqualTo("offsite");
        assertThat(verified.problems()).isZero();
    }

    @Test
    @Order(5)
    @Thorough
    @DisplayName("Engine 1: a site's worker killed while it expires is replaced, and exactly the plan is gone")
    void aWorkerKilledInTheMiddleOfAnExpiry() throws Exception {
        String newest = there(
                        succeeded(orders.start("shipped:backup")).results().backup())
                .backup();
        List<String> there = ids();
        WorkflowStub run = orders.start("killed", expire("  approval: {role: approver, expires: 30m}"));
        orders.approve(run, orders.waiting(run));
        long before = files(orders.stack().storeFolder());
        eventually("something is gone").until(() -> files(orders.stack().storeFolder()) < before);
        orders.host().kill();
        orders.startHost();

        ExpiredStore expired = there(succeeded(run).results().expired());
        List<String> stay = ids();
        assertThat(stay).contains(newest);
        assertThat(expired.expired())
                .as("the report tells what went before the kill, too")
                .isNotEmpty()
                .containsExactlyInAnyOrderElementsOf(
                        there.stream().filter(id -> !stay.contains(id)).toList());
        succeeded(orders.start("shipped:restore-test"));
        assertThat(there(succeeded(orders.start("shipped:verify")).results().verified())
                        .problems())
                .isZero();
    }

    @Test
    @Order(6)
    @Thorough
    @DisplayName("Repository and stores 6: workers that start while the store is away come up, and runs that begin"
            + " meanwhile end when it is back")
    void theStoreIsAwayWhileWorkersStartAndRunsBegin() throws Exception {
        Path store = orders.stack().storeFolder();
        Path elsewhere = store.resolveSibling("unmounted");
        orders.host().kill();
        Files.move(store, elsewhere);
        WorkflowStub look;
        WorkflowStub copy;
        WorkflowStub backup;
        try {
            orders.startHost();
            look = orders.start("shipped:verify");
            copy = orders.start("shipped:replicate");
            backup = orders.start("shipped:backup");
            eventually("the look has failed more often than a hasty one is tried")
                    .atMost(Duration.ofSeconds(100))
                    .until(() -> attempt(look) > 8);
            assertThat(orders.musterWithTemporal(
                            0, "status", look.getExecution().getWorkflowId()))
                    .contains("again  ObserveRepository", "STORE_MISSING: ", "Hint: ");
            expectFollowersAreTold(look);
        } finally {
            Files.move(elsewhere, store);
        }
        String taken = there(succeeded(backup).results().backup()).backup();
        assertThat(ids()).contains(taken);
        assertThat(there(succeeded(look).results().verified()).problems()).isZero();
        succeeded(copy);
    }

    private static void expectFollowersAreTold(WorkflowStub run) {
        List<String> told = new CopyOnWriteArrayList<>();
        Thread follower = new Thread(
                () -> {
                    try {
                        new RunFollower(run, new RunFollower.Listener() {
                                    @Override
                                    public void step(StepReport step) {}

                                    @Override
                                    public void triedAgain(TriedAgain work) {
                                        told.add(work.why());
                                    }

                                    @Override
                                    public void waiting(RunStatus status, String plan) {}
                                })
                                .follow();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "follower");
        follower.setDaemon(true);
        follower.start();
        eventually("whoever follows the run is told why it waits")
                .until(() -> told.stream().anyMatch(why -> why.startsWith("STORE_MISSING: ")));
    }

    /** Of the activity that is under way, or waits for its next attempt. */
    private static int attempt(WorkflowStub run) {
        return orders
                .stack()
                .temporal()
                .client()
                .getWorkflowServiceStubs()
                .blockingStub()
                .describeWorkflowExecution(DescribeWorkflowExecutionRequest.newBuilder()
                        .setNamespace(
                                orders.stack().temporal().client().getOptions().getNamespace())
                        .setExecution(run.getExecution())
                        .build())
                .getPendingActivitiesList()
                .stream()
                .mapToInt(PendingActivityInfo::getAttempt)
                .max()
                .orElse(0);
    }

    private static List<String> ids() {
        return backups(orders.stack().storeFolder()).stream()
                .map(CommittedBackup::id)
                .toList();
    }

    private static long files(Path folder) {
        try (Stream<Path> found = Files.walk(folder)) {
            return found.filter(Files::isRegularFile).count();
        } catch (IOException | UncheckedIOException e) {
            // Something went while it was being listed; the next look counts it.
            return -1;
        }
    }
}

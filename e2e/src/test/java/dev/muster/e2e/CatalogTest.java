package dev.muster.e2e;

import static dev.muster.e2e.ProtectedOrders.eventually;
import static dev.muster.e2e.ProtectedOrders.there;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.catalog.ApprovalRecord;
import dev.muster.catalog.BackupProof;
import dev.muster.catalog.BackupProofs;
import dev.muster.catalog.Catalog;
import dev.muster.catalog.CatalogException;
import dev.muster.catalog.Identity;
import dev.muster.catalog.IndexedBackup;
import dev.muster.catalog.IndexedWalRange;
import dev.muster.catalog.ProofLevel;
import dev.muster.catalog.Role;
import dev.muster.catalog.RunRecord;
import dev.muster.catalog.SourceIndex;
import dev.muster.catalog.StepRecord;
import dev.muster.embedded.orders.Attack;
import dev.muster.embedded.stack.Stack;
import dev.muster.repository.Repository;
import dev.muster.repository.keys.KeyFile;
import dev.muster.repository.retention.KeepMarks;
import dev.muster.storage.Stores;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunStatus;
import dev.muster.workflows.run.StepReport;
import io.temporal.client.WorkflowStub;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The catalogue beside all of Muster, each part a process: what it keeps, and that nothing waits for it. */
@Timeout(180)
class CatalogTest {
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
        // Not started when the set-up failed, which has then ended its processes itself.
        if (orders != null) {
            orders.close();
        }
    }

    @Test
    void aRecoveryEndsWhileTheCatalogueIsDownAndItsRecordAppearsWhenItIsBack() throws Exception {
        Attack.Truth attack = orders.strike();
        WorkflowStub run = orders.recover(attack);
        RunStatus waiting = orders.waiting(run);
        String runId = waiting.runId();
        eventually("the record says for whom the run waits")
                .until(() -> catalog.runs()
                        .find(runId)
                        .filter(record -> "approver".equals(record.waitingForRole()))
                        .isPresent());

        // Somebody's lock holds the run in the middle of its last phase until the catalogue is gone.
        Instant gone;
        try (Connection holder = orders.primary().application().connect("test")) {
            lock(holder);
            orders.approve(run, waiting);
            eventually("the copy is being made").until(() -> !orders.copies().isEmpty());
            orders.catalog().stop();
            gone = Instant.now();
            holder.rollback();
        }
        RunReport report = orders.finish(run);

        assertThat(report.verdict()).as(report.summary()).isEqualTo(RunReport.Verdict.SUCCEEDED);
        assertThat(report.ended()).isAfter(gone);
        assertThatThrownBy(catalog::check)
                .isInstanceOfSatisfying(
                        CatalogException.class, e -> assertThat(e.code()).isEqualTo("CATALOG_UNREACHABLE"));
        // A control worker comes up without its catalogue too, and takes over what the other one left.
        orders.control().kill();
        orders.startControl();
        // The next run of the same system begins while the record of this one still waits to be written.
        WorkflowStub next = orders.start("shipped:restore-test");
        RunReport nextReport = orders.finish(next);
        assertThat(nextReport.verdict()).as(nextReport.summary()).isEqualTo(RunReport.Verdict.SUCCEEDED);

        orders.catalog().start();

        eventually("the record appears").ignoreExceptions().until(() -> ended(runId));
        expectComplete(catalog.runs().find(runId).orElseThrow(), report);
        eventually("the next run's record appears").until(() -> ended(nextReport.runId()));
        assertThat(catalog.runs().find(nextReport.runId()).orElseThrow().verdict())
                .isEqualTo("SUCCEEDED");
    }

    @Test
    void aControlWorkerKilledWhileItWritesARecordIsReplacedAfterAMissedHeartbeatNotAfterAMinute() throws Exception {
        WorkflowStub run = orders.start("shipped:restore-test");
        RunReport report;
        try (Connection holder = orders.catalog().login().connect("test")) {
            holder.setAutoCommit(false);
            try (Statement statement = holder.createStatement()) {
                statement.execute("LOCK TABLE record.run IN SHARE ROW EXCLUSIVE MODE");
            }
            report = orders.finish(run);
            eventually("the record is being written").until(CatalogTest::somebodyWaitsForALock);
            orders.control().kill();
            holder.rollback();
        }
        orders.startControl();

        eventually("the record appears")
                .atMost(Duration.ofSeconds(40))
                .ignoreExceptions()
                .until(() -> ended(report.runId()));
    }

    private static boolean somebodyWaitsForALock() throws SQLException {
        try (Connection connection = orders.catalog().login().connect("test, observer");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")) {
            row.next();
            return row.getBoolean(1);
        }
    }

    private static boolean ended(String runId) {
        return catalog.runs()
                .find(runId)
                .filter(record -> record.ended() != null)
                .isPresent();
    }

    private static void expectComplete(RunRecord record, RunReport report) {
        assertThat(record.verdict()).isEqualTo("SUCCEEDED");
        assertThat(record.summary()).isEqualTo(report.summary());
        assertThat(record.planHash()).isEqualTo(report.planHash());
        assertThat(record.requester()).isEqualTo(Stack.REQUESTER);
        assertThat(record.reportJson()).contains(report.runId(), "\"SUCCEEDED\"");
        assertThat(catalog.runs().steps(record.runId()))
                .extracting(StepRecord::stepId)
                .isEqualTo(report.steps().stream().map(StepReport::id).toList());
        assertThat(catalog.runs().approvals(record.runId()))
                .extracting(ApprovalRecord::approver)
                .containsExactly(Stack.APPROVER);
        assertThat(catalog.documents().find(there(record.runbookHash()))).isPresent();
        assertThat(catalog.documents().find(there(record.planHash())))
                .hasValueSatisfying(plan -> assertThat(plan).contains(record.runId()));
    }

    private static void lock(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("LOCK TABLE payments IN SHARE MODE");
        }
    }

    private static SourceIndex index() {
        List<SourceIndex> found = catalog.index().of(Stack.SYSTEM);
        assertThat(found).hasSize(1);
        return found.get(0);
    }

    @Test
    void theIndexIsThereAfterABackupAndTheSameAgainWhenItIsRebuiltFromTheStores() throws Exception {
        eventually("the index shows the backup")
                .ignoreExceptions()
                .until(() -> index().backups().stream()
                        .map(IndexedBackup::id)
                        .toList()
                        .contains(orders.backup()));
        SourceIndex before = index();
        execute("truncate index.source, index.backup, index.wal_range, index.timeline_switch");
        assertThat(catalog.index().of(Stack.SYSTEM)).isEmpty();

        String said = orders.musterWithTemporal(
                0, "catalog", "rebuild", "--system", orders.stack().systemFile().toString());

        assertThat(said).contains("orders/main: 1 backups, 1 ranges of WAL");
        SourceIndex after = index();
        assertThat(after.backups()).isEqualTo(before.backups());
        assertThat(after.timelines()).isEqualTo(before.timelines());
        // WAL goes on being received between the two looks: its ranges begin where they began.
        assertThat(after.walRanges())
                .extracting(IndexedWalRange::timeline, IndexedWalRange::fromLsn)
                .isEqualTo(before.walRanges().stream()
                        .map(range -> org.assertj.core.groups.Tuple.tuple(range.timeline(), range.fromLsn()))
                        .toList());
        assertThat(after.observedAt()).isAfter(before.observedAt());
    }

    private static RunReport succeeded(String runbook) throws InterruptedException, IOException {
        RunReport report = orders.finish(orders.start(runbook));
        assertThat(report.verdict()).as(report.summary()).isEqualTo(RunReport.Verdict.SUCCEEDED);
        return report;
    }

    private static List<BackupProof> proofs(String repository) {
        return catalog.proofs()
                .of(Stack.SYSTEM)
                .getOrDefault(new BackupProofs.Of("main", repository, orders.backup()), List.of());
    }

    private static List<ProofLevel> sound(String repository) {
        return proofs(repository).stream()
                .filter(BackupProof::sound)
                .map(BackupProof::level)
                .toList();
    }

    /** Repository and mark of each copy. */
    private static List<String> copies() {
        return catalog.copies().of(Stack.SYSTEM).stream()
                .flatMap(index -> index.copies().stream()
                        .map(copy -> index.repository() + " " + copy.backup().id() + " "
                                + copy.marks().stream()
                                        .map(mark -> mark.by() + " " + mark.why())
                                        .toList()))
                .toList();
    }

    @Test
    @DisplayName("Engine 5: what is proved of backups while the catalogue is down is in it when it is back")
    void whatIsProvedWaitsForTheCatalogue() throws Exception {
        orders.catalog().stop();
        RunReport verified = succeeded("shipped:verify");
        succeeded("shipped:replicate");
        succeeded("shipped:restore-test");
        orders.catalog().start();

        eventually("the proofs appear")
                .ignoreExceptions()
                .until(() -> sound("primary")
                                .containsAll(List.of(ProofLevel.INDEXES, ProofLevel.CONTENT, ProofLevel.RESTORE))
                        && sound("offsite").contains(ProofLevel.COPY));
        assertThat(proofs("primary"))
                .filteredOn(proof -> proof.level() == ProofLevel.CONTENT)
                .singleElement()
                .satisfies(proof -> {
                    assertThat(proof.runId()).isEqualTo(verified.runId());
                    assertThat(there(proof.soundAt()))
                            .isBetween(verified.started().minusSeconds(1), verified.ended());
                });
        eventually("the copy is seen")
                .ignoreExceptions()
                .until(() -> copies().stream().anyMatch(copy -> copy.startsWith("offsite " + orders.backup())));
    }

    private static void wipe() throws SQLException {
        execute("truncate index.source, index.backup, index.wal_range, index.timeline_switch, index.repository,"
                + " index.backup_copy, index.keep_mark, record.backup_proof");
    }

    private static String rebuild(int exit) throws IOException {
        return orders.musterWithTemporal(
                exit,
                "catalog",
                "rebuild",
                "--system",
                orders.stack().systemFile().toString());
    }

    @Test
    @DisplayName(
            "Repository and stores 5: a wiped catalogue gets back backups, copies, marks and what was read of each; what"
                    + " cannot be read is not forgotten, and what is gone is")
    void theCatalogueIsRebuiltFromTheStoresAlone() throws Exception {
        succeeded("shipped:verify");
        String mark;
        try (Repository repository = primary()) {
            mark = new KeepMarks(repository, "orders-main")
                    .keep(orders.backup(), "kim", "the audit", Optional.empty())
                    .mark();
        }
        succeeded("shipped:replicate");
        // The replication has brought the mark along, and its recorder has looked.
        String kept = orders.backup() + " [kim the audit]";
        eventually("the catalogue has the copies")
                .ignoreExceptions()
                .until(() -> copies().equals(List.of("offsite " + kept, "primary " + kept)));
        List<String> before = copies();
        Instant readSince = readSince();

        wipe();
        assertThat(copies()).isEmpty();
        assertThat(rebuild(0)).contains("orders/main in primary: 1 backups", "orders/main in offsite: 1 backups");
        assertThat(copies()).isEqualTo(before);
        assertThat(index().backups()).extracting(IndexedBackup::id).containsExactly(orders.backup());
        assertThat(sound("primary")).containsExactly(ProofLevel.LISTING, ProofLevel.CONTENT);
        assertThat(sound("offsite")).as("nobody has read its bytes").containsExactly(ProofLevel.LISTING);
        assertThat(readSince()).isEqualTo(readSince);

        Path offsite = orders.stack().offsiteFolder();
        Path away = offsite.resolveSibling("offsite-away");
        Files.move(offsite, away);
        assertThat(rebuild(1)).contains("in offsite: 0 backups; NOT ALL COULD BE READ, nothing was forgotten");
        assertThat(copies()).isEqualTo(before);
        Files.move(away, offsite);

        Path commit = offsite.resolve("src/orders-main/b/" + orders.backup() + "/COMMIT");
        Path aside = Files.move(commit, commit.resolveSibling("COMMIT-aside"));
        rebuild(0);
        assertThat(copies()).containsExactly("primary " + kept);
        Files.move(aside, commit);
        rebuild(0);
        assertThat(copies()).isEqualTo(before);
        try (Repository repository = primary()) {
            new KeepMarks(repository, "orders-main").unkeep(orders.backup(), mark);
        }
    }

    private static Repository primary() {
        return Repository.open(
                Stores.open("file://" + orders.stack().storeFolder()),
                KeyFile.read(orders.stack().keyFile()));
    }

    /** Once the recorder of the verification has written it. */
    private static Instant readSince() {
        eventually("the proof is there")
                .ignoreExceptions()
                .until(() -> sound("primary").contains(ProofLevel.CONTENT));
        return proofs("primary").stream()
                .filter(proof -> proof.level() == ProofLevel.CONTENT)
                .map(proof -> there(proof.soundAt()))
                .findFirst()
                .orElseThrow();
    }

    private static void execute(String sql) throws SQLException {
        try (Connection connection = orders.catalog().login().connect("test");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String[] with(String... verb) {
        List<String> arguments = new java.util.ArrayList<>(List.of(verb));
        arguments.addAll(List.of(
                "--catalog",
                orders.catalog().url(),
                "--catalog-password",
                orders.catalog().passwordReference()));
        return arguments.toArray(String[]::new);
    }

    @Test
    void aTokenIsMadeListedWithoutItsSecretAndRevokedFromTheCommandLine() throws Exception {
        assertThat(ProtectedOrders.muster(0, with("catalog", "migrate"))).contains("as this version needs them");
        assertThat(ProtectedOrders.muster(0, with("catalog", "check"))).contains("answers");
        String made = ProtectedOrders.muster(
                0, with("token", "create", "kim@example.org", "--role", "operator", "--role", "viewer"));
        Matcher bearer = Pattern.compile("mst_([0-9a-f]{16})_\\S+").matcher(made);
        assertThat(bearer.find()).as(made).isTrue();
        assertThat(catalog.tokens().authenticate(bearer.group()))
                .contains(new Identity("kim@example.org", Set.of(Role.OPERATOR, Role.VIEWER), bearer.group(1)));

        assertThat(ProtectedOrders.muster(0, with("token", "list")))
                .contains(bearer.group(1), "kim@example.org", "operator,viewer")
                .doesNotContain(bearer.group());
        ProtectedOrders.muster(0, with("token", "revoke", bearer.group(1)));
        assertThat(catalog.tokens().authenticate(bearer.group())).isEmpty();
        ProtectedOrders.muster(1, with("token", "revoke", bearer.group(1)));
        assertThat(ProtectedOrders.muster(2, with("token", "create", "kim", "--role", "king")))
                .contains("No such role: king");
    }

    @Test
    void aCatalogueThatIsNotThereIsToldInWords() throws Exception {
        assertThat(ProtectedOrders.muster(4, "catalog", "check", "--catalog", "jdbc:postgresql://127.0.0.1:1/none"))
                .contains("CATALOG_UNREACHABLE", "Hint:");
        assertThat(ProtectedOrders.muster(1, "catalog", "check", "--catalog", "jdbc:mysql://127.0.0.1/none"))
                .contains("CATALOG_URL_INVALID");
        assertThat(ProtectedOrders.muster(
                        1,
                        "catalog",
                        "check",
                        "--catalog",
                        "jdbc:postgresql://127.0.0.1:1/none",
                        "--catalog-password",
                        "secret"))
                .contains("CATALOG_PASSWORD_MISSING")
                .doesNotContain("secret.");
    }
}

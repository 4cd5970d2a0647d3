package dev.muster.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.catalog.Catalog;
import dev.muster.cli.RunFollower;
import dev.muster.embedded.Main;
import dev.muster.embedded.database.CatalogDatabase;
import dev.muster.embedded.database.DemoPrimary;
import dev.muster.embedded.orders.Attack;
import dev.muster.embedded.orders.LedgerCheck;
import dev.muster.embedded.orders.LedgerLine;
import dev.muster.embedded.orders.OrdersLoad;
import dev.muster.embedded.orders.OrdersSize;
import dev.muster.embedded.orders.OrdersWriter;
import dev.muster.embedded.orders.PaymentsDigest;
import dev.muster.embedded.process.ChildJvm;
import dev.muster.embedded.process.OrphanGuard;
import dev.muster.embedded.process.RunFolder;
import dev.muster.embedded.process.Teardown;
import dev.muster.embedded.stack.Runs;
import dev.muster.embedded.stack.Stack;
import dev.muster.embedded.stack.StoredWal;
import dev.muster.embedded.stack.TemporalChoice;
import dev.muster.embedded.temporal.TemporalServer;
import dev.muster.postgres.instance.Installation;
import dev.muster.postgresbinaries.PostgresBinaries;
import dev.muster.runbooks.yaml.RunbookFiles;
import dev.muster.workflows.approval.ApproverKey;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunStatus;
import dev.muster.workflows.run.StepReport;
import io.temporal.client.WorkflowStub;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;

/**
 * A small orders database and all of Muster beside it, each worker a process, with one full backup taken. Everything is
 * ended by {@link #close}, when this JVM ends, and, by the guard, even when it is killed.
 */
final class ProtectedOrders implements AutoCloseable {
    static final Duration SOON = Duration.ofSeconds(60);

    private static final int MEGABYTES = 30;
    private static final double WRITES_PER_SECOND = 10;

    private final Teardown teardown = Teardown.onExit();
    private final Clock clock = Clock.systemUTC();
    private final ApproverKey requester = ApproverKey.generate(Stack.REQUESTER, Set.of("approver"));
    private final RunFolder folder;
    private final DemoPrimary primary;
    private final Path ledger;
    private final Stack stack;
    private final Runs runs;
    private final String backup;
    private final @Nullable CatalogDatabase catalog;
    private ChildJvm control;
    private ChildJvm host;

    private ProtectedOrders(boolean traffic, boolean recorded, TemporalChoice temporal) throws Exception {
        try {
            Installation installation = Installation.at(PostgresBinaries.home());
            folder = RunFolder.create(null, false, installation, clock);
            teardown.add("the folder", folder::close);
            OrphanGuard guard = OrphanGuard.over(folder.path(), installation);
            teardown.add("the guard", guard::close);
            primary = DemoPrimary.create(installation, folder.folder("primary"));
            teardown.add("the primary", primary::close);
            LedgerLine.Base base =
                    new OrdersLoad(primary.application(), OrdersSize.ofMegabytes(MEGABYTES), clock).run();
            ledger = folder.path().resolve("ledger");
            OrdersWriter.createLedger(ledger, base);
            stack = Stack.create(folder, installation, teardown, clock, temporal)
                    .withSqlCheck(
                            "every-payment-has-its-order",
                            "select count(*) from payments p where not exists"
                                    + " (select from orders o where o.id = p.order_id)",
                            "0")
                    .withCommandCheck("ledger", ledgerCheck())
                    .withOffsite()
                    .withWorkerMetrics();
            catalog = recorded ? catalogue(installation) : null;
            if (catalog != null) {
                stack.withCatalog(catalog);
            }
            stack.configure(primary);
            // The requester may approve as such, only not what she asked for herself.
            requester.writePublic(folder.folder("approvers").resolve(Stack.REQUESTER + ".jwk"));
            runs = new Runs(stack);
            control = stack.startControlWorker();
            host = stack.startHostWorker();
            if (traffic) {
                startWriter();
            } else {
                writeCanary();
            }
            RunReport taken = finish(runs.start("shipped:backup"));
            assertThat(taken.verdict()).as(taken.summary()).isEqualTo(RunReport.Verdict.SUCCEEDED);
            backup = Optional.ofNullable(taken.results().backup()).orElseThrow().backup();
        } catch (Exception | AssertionError e) {
            teardown.close();
            throw e;
        }
    }

    /** With customers who order and pay all the time. */
    static ProtectedOrders withTraffic(TemporalChoice temporal) throws Exception {
        return new ProtectedOrders(true, false, temporal);
    }

    /** With nobody who writes, so that an untouched database is one that stays as it is. */
    static ProtectedOrders withoutTraffic() throws Exception {
        return withoutTraffic(TemporalChoice.AUTO);
    }

    /** The same with this Temporal. */
    static ProtectedOrders withoutTraffic(TemporalChoice temporal) throws Exception {
        return new ProtectedOrders(false, false, temporal);
    }

    /** With nobody who writes, and a catalogue that keeps the runs' records. */
    static ProtectedOrders withCatalog() throws Exception {
        return new ProtectedOrders(false, true, TemporalChoice.AUTO);
    }

    /** With customers who order and pay all the time, and a catalogue that keeps the runs' records. */
    static ProtectedOrders withTrafficAndCatalog(TemporalChoice temporal) throws Exception {
        return new ProtectedOrders(true, true, temporal);
    }

    private CatalogDatabase catalogue(Installation installation) {
        CatalogDatabase database = CatalogDatabase.create(installation, folder.folder("catalogue"));
        teardown.add("the catalogue", database::close);
        Catalog.migrate(database.settings());
        return database;
    }

    CatalogDatabase catalog() {
        return there(catalog);
    }

    /** A verb of the command line; what it wrote to both of its outputs. */
    static String muster(int expectedExit, String... arguments) {
        StringWriter said = new StringWriter();
        PrintWriter both = new PrintWriter(said);
        int exitCode = Main.commandLine().setOut(both).setErr(both).execute(arguments);
        assertThat(exitCode).as(said.toString()).isEqualTo(expectedExit);
        return said.toString();
    }

    /** The same as a process of its own, which finds Temporal by its environment. */
    String musterWithTemporal(int expectedExit, String... arguments) throws IOException {
        Path log = folder.folder("logs").resolve("verb-" + arguments[0] + ".log");
        try (ChildJvm verb = ChildJvm.of("muster " + arguments[0], Main.class.getName())
                .options("-Xmx128m")
                .arguments(arguments)
                .environment("TEMPORAL_ADDRESS", stack.temporalAddress())
                .start(log)) {
            assertThat(verb.awaitExit(SOON)).as(verb.endOfLog()).isEqualTo(expectedExit);
        }
        return Files.readString(log, StandardCharsets.UTF_8);
    }

    private Path ledgerCheck() throws IOException {
        return Files.writeString(
                Files.createFile(
                        folder.path().resolve("ledger-check"),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))),
                "#!/bin/sh\nexec '" + Path.of(System.getProperty("java.home"), "bin", "java")
                        + "' -Xmx128m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp '"
                        + System.getProperty("java.class.path") + "' " + LedgerCheck.class.getName() + " '" + ledger
                        + "'\n",
                StandardCharsets.UTF_8);
    }

    private void writeCanary() throws SQLException {
        try (Connection connection = primary.muster().connect("test");
                Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO muster.canary (slot, id, written_at) VALUES (0, 1, now())");
        }
    }

    private void startWriter() {
        Path ready = folder.path().resolve("writer.ready");
        ChildJvm writer = OrdersWriter.process(primary, ledger, WRITES_PER_SECOND, ready)
                .start(folder.folder("logs").resolve("writer.log"));
        teardown.add("the writer", writer::close);
        writer.awaitReadyFile(ready, SOON);
    }

    Stack stack() {
        return stack;
    }

    DemoPrimary primary() {
        return primary;
    }

    /** The full backup that was taken at the beginning. */
    String backup() {
        return backup;
    }

    /** A trusted key with the approver's role that belongs to whoever asks for all the runs. */
    ApproverKey requester() {
        return requester;
    }

    ChildJvm host() {
        return host;
    }

    ChildJvm control() {
        return control;
    }

    /** The real server of this world; only where it has one of its own. */
    TemporalServer temporal() {
        return stack.temporalServer().orElseThrow();
    }

    void startHost() {
        host = stack.startHostWorker();
    }

    void startControl() {
        control = stack.startControlWorker();
    }

    /** Deletes a fifth of the payments and waits until the WAL that tells of it is stored. */
    Attack.Truth strike() throws SQLException, InterruptedException {
        Attack.Truth truth = Attack.strike(primary.application(), clock);
        assertThat(truth.rows()).isPositive();
        StoredWal.await(stack, truth.after());
        return truth;
    }

    /** The shipped recovery, for this attack among several. */
    WorkflowStub recover(Attack.Truth attack) throws IOException {
        return start("recovery-" + attack.xid(), recovery(attack));
    }

    /** The text of the shipped recovery, for this attack among several. */
    static String recovery(Attack.Truth attack) {
        return RunbookFiles.source("shipped:point-in-time-recovery")
                .text()
                .replace("lastGoodPoint: {}", "lastGoodPoint: {xid: " + attack.xid() + "}");
    }

    /** A recovery to a copy that is kept. */
    WorkflowStub recoverCopy(String name, String target, String more) throws IOException {
        return start(name, """
                apiVersion: muster/v1
                kind: Runbook
                metadata: {name: %s}
                spec:
                  scenario: point-in-time-recovery
                  target: %s
                  approval: {role: approver, expires: 30m}
                  outcome: keep-copy
                %s
                """.formatted(name, target, more));
    }

    /** Starts a run of a runbook's text. */
    WorkflowStub start(String name, String runbook) throws IOException {
        Path file = Files.writeString(folder.path().resolve(name + ".yaml"), runbook, StandardCharsets.UTF_8);
        return runs.start(file.toString());
    }

    WorkflowStub start(String shipped) {
        return runs.start(shipped);
    }

    /** Waits until the run asks for its approval. */
    RunStatus waiting(WorkflowStub run) {
        return eventually("the run waits for its approval")
                .ignoreExceptions()
                .until(() -> run.query("status", RunStatus.class), status -> status.waiting() != null);
    }

    /** Approves as somebody who may. */
    void approve(WorkflowStub run, RunStatus status) {
        assertThat(runs.approve(run, stack.approver(), status).code()).isEqualTo("ACCEPTED");
    }

    /** Follows the run to its end. */
    RunReport finish(WorkflowStub run) throws InterruptedException {
        return runs.follow(run, new RunFollower.Listener() {
            @Override
            public void step(StepReport step) {}

            @Override
            public void waiting(RunStatus status, String plan) {}
        });
    }

    /** Follows a run that must end before it asks for an approval. */
    RunReport refused(WorkflowStub run) throws InterruptedException {
        return runs.follow(run, new RunFollower.Listener() {
            @Override
            public void step(StepReport step) {}

            @Override
            public void waiting(RunStatus status, String plan) {
                run.terminate("It should have been refused");
                throw new AssertionError("Not refused, it waits for an approval of this plan: " + plan);
            }
        });
    }

    /** Whether the live payments are exactly those that customers paid. */
    LedgerCheck.Verdict ledger() throws SQLException {
        try (Connection connection = primary.muster().connect("test")) {
            return LedgerCheck.check(connection, ledger, Optional.empty());
        }
    }

    PaymentsDigest payments() throws SQLException {
        try (Connection connection = primary.muster().connect("test")) {
            return PaymentsDigest.in(connection);
        }
    }

    /** Where the logs of all its processes are. */
    Path folder() {
        return folder.path();
    }

    /** The folders of copies that are there just now. */
    List<Path> copies() throws IOException {
        if (!Files.isDirectory(stack.copies())) {
            return List.of();
        }
        try (Stream<Path> folders = Files.list(stack.copies())) {
            return folders.toList();
        }
    }

    static ConditionFactory eventually(String what) {
        return await(what).atMost(SOON).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(50));
    }

    static StepReport step(RunReport report, String id) {
        return report.steps().stream()
                .filter(step -> step.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new AssertionError("No step " + id + " in " + report.steps()));
    }

    static <T> T there(@Nullable T value) {
        assertThat(value).isNotNull();
        return java.util.Objects.requireNonNull(value);
    }

    @Override
    public void close() {
        teardown.close();
    }
}

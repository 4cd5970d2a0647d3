package dev.muster.activities.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.activities.authority.OrdersPlans;
import dev.muster.catalog.BackupProof;
import dev.muster.catalog.ProofLevel;
import dev.muster.runbooks.Scenario;
import dev.muster.runbooks.plan.Plan;
import dev.muster.runbooks.plan.StoredPlan;
import dev.muster.workflows.planning.PlanDocument;
import dev.muster.workflows.recovery.RestoredCopy;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.StepReport;
import dev.muster.workflows.stores.BackupFinding;
import dev.muster.workflows.stores.ReplicatedStore;
import dev.muster.workflows.stores.VerifiedStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ProofsTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
    private static final Instant END = NOON.plusSeconds(90);
    private static final Instant WEEK_AGO = NOON.minus(Duration.ofDays(7));
    private static final String RUN = "01KAJ7ZQ5V3M9X2W8R4T6Y0AAA";
    private static final String BACKUP = "01KAJ0000000000000000000BB";
    private static final String OTHER = "01KAJ0000000000000000000AA";

    private static Plan plan(Scenario scenario) {
        PlanDocument document = OrdersPlans.of(scenario, RUN, "kim");
        return StoredPlan.read(document.json(), document.hash()).plan();
    }

    private static RunReport report(
            Scenario scenario, RunReport.Verdict verdict, RunReport.Results results, @Nullable StepReport step) {
        return new RunReport(
                RunReport.SCHEMA,
                RUN,
                "x",
                scenario.id(),
                "orders",
                "kim",
                verdict,
                "Words.",
                "a".repeat(64),
                NOON,
                END,
                step == null ? List.of() : List.of(step),
                List.of(),
                results,
                null);
    }

    private static BackupFinding sound(String backup, @Nullable Instant since) {
        return new BackupFinding(backup, 0, null, null, since);
    }

    private static VerifiedStore.Level level(String name, @Nullable List<BackupFinding> each) {
        return new VerifiedStore.Level(name, true, 2, 9, 9, 9, 0, List.of(), null, each);
    }

    private static List<BackupProof> verified(@Nullable Instant began, VerifiedStore.Level... levels) {
        return Proofs.of(
                report(
                        Scenario.VERIFY,
                        RunReport.Verdict.FAILED,
                        RunReport.Results.NONE.with(
                                new VerifiedStore("offsite", "file:///x", List.of(levels), 1, began)),
                        null),
                plan(Scenario.VERIFY));
    }

    @Test
    @DisplayName("A verification proves each backup that it names, at each level, also when it found problems")
    void verification() {
        assertThat(verified(
                        NOON,
                        level(
                                "indexes",
                                List.of(
                                        sound(BACKUP, null),
                                        new BackupFinding(OTHER, 2, "OBJECT_MISSING", "src/x/p-1.pack", null))),
                        level("content", List.of(sound(BACKUP, WEEK_AGO))),
                        level("listing", null)))
                .containsExactly(
                        BackupProof.sound("offsite", BACKUP, ProofLevel.INDEXES, NOON, NOON, RUN),
                        BackupProof.unsound(
                                "offsite", OTHER, ProofLevel.INDEXES, NOON, 2, "OBJECT_MISSING", "src/x/p-1.pack", RUN),
                        BackupProof.sound("offsite", BACKUP, ProofLevel.CONTENT, NOON, WEEK_AGO, RUN));
        assertThat(verified(null, level("indexes", null)))
                .as("a worker of an earlier version")
                .isEmpty();
    }

    @Test
    @DisplayName("A replication proves for each repository which backups are whole there")
    void replication() {
        ReplicatedStore store = new ReplicatedStore(
                "archive",
                "file:///x",
                1,
                1,
                1,
                0,
                0,
                1,
                1,
                List.of(),
                List.of(),
                1,
                List.of(sound(BACKUP, null), new BackupFinding(OTHER, 1, "OBJECT_DAMAGED", "src/x/p-2.pack", null)),
                NOON);
        assertThat(Proofs.of(
                        report(
                                Scenario.REPLICATE,
                                RunReport.Verdict.FAILED,
                                RunReport.Results.NONE.with(List.of(store)),
                                null),
                        plan(Scenario.RESTORE_TEST)))
                .contains(
                        BackupProof.sound("archive", BACKUP, ProofLevel.COPY, NOON, NOON, RUN),
                        BackupProof.unsound(
                                "archive", OTHER, ProofLevel.COPY, NOON, 1, "OBJECT_DAMAGED", "src/x/p-2.pack", RUN));
    }

    private static RunReport.Results restored() {
        return new RunReport.Results(
                null, new RestoredCopy(BACKUP, "/copies/x", 1, 1, 1, 1), null, List.of(), null, null);
    }

    @Test
    @DisplayName("A restore test that succeeded proves its backup, and so does a recovery")
    void restore() {
        for (Scenario scenario : List.of(Scenario.RESTORE_TEST, Scenario.POINT_IN_TIME_RECOVERY)) {
            RunReport report = report(scenario, RunReport.Verdict.SUCCEEDED, restored(), null);
            assertThat(Proofs.tells(report)).isTrue();
            assertThat(Proofs.of(report, plan(scenario)))
                    .containsExactly(BackupProof.sound("primary", BACKUP, ProofLevel.RESTORE, END, END, RUN));
        }
    }

    @Test
    @DisplayName("A restore test that failed at the backup says with what; one that never came so far says nothing")
    void failedRestore() {
        Plan plan = plan(Scenario.RESTORE_TEST);
        String restoring =
                Objects.requireNonNull(plan.phases().get(0).steps().get(0)).id();
        StepReport failed = new StepReport(
                restoring,
                "Restore",
                "host-db1",
                StepReport.State.FAILED,
                NOON,
                END,
                "OBJECT_DAMAGED: The object src/x is damaged.");
        assertThat(Proofs.of(
                        report(Scenario.RESTORE_TEST, RunReport.Verdict.FAILED, RunReport.Results.NONE, failed), plan))
                .containsExactly(BackupProof.unsound(
                        "primary", BACKUP, ProofLevel.RESTORE, END, 1, "OBJECT_DAMAGED", null, RUN));
        StepReport admission =
                new StepReport("admit", "Admit", "host-db1", StepReport.State.FAILED, NOON, END, "SYSTEM_DIFFERS: x");
        assertThat(Proofs.of(
                        report(Scenario.RESTORE_TEST, RunReport.Verdict.FAILED, RunReport.Results.NONE, admission),
                        plan))
                .isEmpty();
        assertThat(Proofs.of(
                        report(Scenario.POINT_IN_TIME_RECOVERY, RunReport.Verdict.FAILED, restored(), failed),
                        plan(Scenario.POINT_IN_TIME_RECOVERY)))
                .as("its target may have been none")
                .isEmpty();
        assertThat(Proofs.of(
                        report(Scenario.RESTORE_TEST, RunReport.Verdict.PLANNED, RunReport.Results.NONE, null), plan))
                .isEmpty();
    }
}

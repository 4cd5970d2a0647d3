package dev.muster.postgres.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.postgres.Lsn;
import dev.muster.repository.BackupKind;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** SAFETY "PostgreSQL recovery" 10. */
class ParentRulesTest {
    private static final ParentRules.Cluster NOW =
            new ParentRules.Cluster("7", 18, 2, 8192, 16 << 20, true, false, new Lsn(1_000_000));

    private static BackupSummary summary(String systemId, int version, int timeline, long start, boolean checksums) {
        return new BackupSummary(
                systemId,
                version,
                timeline,
                new Lsn(start),
                new Lsn(start),
                new Lsn(start + 10),
                Instant.EPOCH,
                Instant.EPOCH,
                16 << 20,
                8192,
                checksums,
                0,
                0,
                0,
                List.of(),
                Map.of(),
                Making.UNTOLD);
    }

    private static ParentRules.Candidate candidate(String id, BackupKind kind, long start) {
        return new ParentRules.Candidate(id, kind, summary("7", 180_006, 2, start, true));
    }

    private static String chosen(Wanted wanted, ParentRules.Candidate... committed) {
        ParentRules.Choice choice = ParentRules.choose(wanted, List.of(committed), NOW);
        return choice instanceof ParentRules.Choice.Parent parent
                ? parent.candidate().id()
                : ((ParentRules.Choice.None) choice).reason();
    }

    private static String refused(BackupSummary summary) {
        return ParentRules.refusal(
                        BackupKind.INCREMENTAL, new ParentRules.Candidate("A", BackupKind.FULL, summary), NOW)
                .orElse("suits");
    }

    @Test
    @DisplayName("An incremental backup is made against the newest by WAL, a differential one against the last full")
    void theNewestByWalIsChosen() {
        ParentRules.Candidate[] all = {
            candidate("C", BackupKind.FULL, 100),
            candidate("B", BackupKind.INCREMENTAL, 300),
            candidate("A", BackupKind.DIFFERENTIAL, 200),
            candidate("D", BackupKind.ARCHIVAL, 400)
        };
        assertThat(chosen(Wanted.of(BackupKind.INCREMENTAL), all)).isEqualTo("B");
        assertThat(chosen(Wanted.of(BackupKind.DIFFERENTIAL), all)).isEqualTo("C");
        assertThat(chosen(Wanted.of(BackupKind.INCREMENTAL).against("A"), all)).isEqualTo("A");
    }

    @Test
    @DisplayName("Without a backup that suits, the reason says why the newest one does not")
    void theReasonIsSaid() {
        assertThat(chosen(Wanted.of(BackupKind.INCREMENTAL))).contains("no committed backup");
        assertThat(chosen(Wanted.of(BackupKind.INCREMENTAL).against("X"))).contains("no committed backup X");
        assertThat(chosen(Wanted.of(BackupKind.INCREMENTAL).against("D"), candidate("D", BackupKind.ARCHIVAL, 1)))
                .contains("D is of kind archival");
        assertThat(chosen(Wanted.of(BackupKind.DIFFERENTIAL).against("B"), candidate("B", BackupKind.INCREMENTAL, 1)))
                .contains("B is of kind incremental");
        assertThat(chosen(
                        Wanted.of(BackupKind.INCREMENTAL),
                        new ParentRules.Candidate("P", BackupKind.FULL, summary("7", 180_006, 1, 999_000, true))))
                .contains("P, is of timeline 1, and the server is on 2: a server was promoted since");
    }

    @Test
    @DisplayName("A backup of another cluster, version, timeline or later WAL, or with other checksums, is no parent")
    void whatDoesNotFitIsNoParent() {
        assertThat(refused(summary("7", 180_006, 2, 500, true))).isEqualTo("suits");
        assertThat(refused(summary("8", 180_006, 2, 500, true))).contains("another cluster");
        assertThat(refused(summary("7", 170_011, 2, 500, true))).contains("PostgreSQL 17");
        assertThat(refused(summary("7", 180_006, 3, 500, true))).contains("timeline 3");
        assertThat(refused(summary("7", 180_006, 2, 500, false))).contains("page checksums off");
        assertThat(refused(summary("7", 180_006, 2, 999_995, true))).contains("set back to an earlier state");
    }

    @Test
    @DisplayName(
            "A primary that is behind one of its backups was set back: none before it is a parent either, as it may"
                    + " hold what was lost")
    void aPrimaryThatWasSetBackHasNoParent() {
        ParentRules.Candidate before = candidate("A", BackupKind.FULL, 500);
        ParentRules.Candidate ahead = candidate("B", BackupKind.INCREMENTAL, 2_000_000);
        assertThat(chosen(Wanted.of(BackupKind.INCREMENTAL), before, ahead))
                .contains("backup B ends at")
                .contains("set back to an earlier state");
        assertThat(chosen(Wanted.of(BackupKind.DIFFERENTIAL), before, ahead)).contains("set back");
        assertThat(chosen(Wanted.of(BackupKind.INCREMENTAL).against("A"), before, ahead))
                .contains("set back");
        // A standby only lags: what it has is the primary's all the same.
        ParentRules.Cluster standby =
                new ParentRules.Cluster("7", 18, 2, 8192, 16 << 20, true, true, new Lsn(1_000_000));
        assertThat(ParentRules.choose(Wanted.of(BackupKind.INCREMENTAL), List.of(before, ahead), standby))
                .isEqualTo(new ParentRules.Choice.Parent(before));
    }
}

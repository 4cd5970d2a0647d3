package dev.muster.activities.stores;

import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.layout.ObjectName;
import dev.muster.repository.proof.ContentProof;
import dev.muster.repository.proof.ContentResult;
import dev.muster.repository.replication.ReplicatedBackup;
import dev.muster.repository.replication.ReplicationReport;
import dev.muster.repository.verification.BackupResult;
import dev.muster.repository.verification.Problem;
import dev.muster.workflows.stores.BackupFinding;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What looks found of each backup, as a report holds it. */
public final class BackupFindings {
    private static final Comparator<String> NEWEST_FIRST = Comparator.reverseOrder();

    private BackupFindings() {}

    /** Of a look by names. */
    static List<BackupFinding> of(List<BackupResult> results) {
        return results.stream()
                .sorted(Comparator.comparing(BackupResult::backup, NEWEST_FIRST))
                .limit(BackupFinding.MOST)
                .map(BackupFindings::of)
                .toList();
    }

    /** Of one backup's objects. */
    public static BackupFinding of(BackupResult result) {
        return finding(result.backup(), result.problemCount(), result.first(), null);
    }

    /** Of all looks at every byte so far; nothing of a backup that they have not wholly reached yet. */
    static List<BackupFinding> of(ContentProof proof, Repository repository, String source, Runnable each) {
        List<CommittedBackup> backups = new ArrayList<>(repository.backups(source, unreadable -> {}));
        backups.sort(Comparator.comparing(CommittedBackup::id, NEWEST_FIRST));
        List<BackupFinding> found = new ArrayList<>();
        for (CommittedBackup backup : backups.subList(0, Math.min(backups.size(), BackupFinding.MOST))) {
            each.run();
            ContentResult result = proof.of(backup);
            if (result.known()) {
                found.add(finding(
                        result.backup(),
                        result.problemCount(),
                        result.first(),
                        result.since().orElse(null)));
            }
        }
        return found;
    }

    /** Of a replication that came to its end. */
    static List<BackupFinding> of(ReplicationReport report, String source) {
        return report.backups().stream()
                .filter(backup -> backup.source().equals(source))
                .sorted(Comparator.comparing(ReplicatedBackup::backup, NEWEST_FIRST))
                .limit(BackupFinding.MOST)
                .map(backup -> backup.outcome() == ReplicatedBackup.Outcome.INCOMPLETE
                        ? finding(backup.backup(), 1, Optional.of(why(report, source, backup.backup())), null)
                        : finding(backup.backup(), 0, Optional.empty(), null))
                .toList();
    }

    /** Its own object that could not be copied; else the first of all, which may be an ancestor's. */
    private static Problem why(ReplicationReport report, String source, String backup) {
        String own = ObjectName.backup(source, backup);
        return Stream.concat(
                        report.problems().stream()
                                .filter(problem -> problem.object().startsWith(own)),
                        report.problems().stream())
                .findFirst()
                .orElseThrow(() -> new RepositoryException(
                        "REPLICA_INCOMPLETE",
                        "The backup " + backup + " is not whole in " + report.replica() + ".",
                        "Replicate again; docs/reference/verify-and-replicate.md says what to do."));
    }

    private static BackupFinding finding(
            String backup, long problems, Optional<Problem> first, @Nullable Instant since) {
        return new BackupFinding(
                backup,
                problems,
                first.map(Problem::code).orElse(null),
                first.map(Problem::object).orElse(null),
                since);
    }
}

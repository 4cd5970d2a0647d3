package dev.muster.activities.catalog;

import dev.muster.catalog.BackupProof;
import dev.muster.catalog.ProofLevel;
import dev.muster.runbooks.Scenario;
import dev.muster.runbooks.observation.RepositoryObservation;
import dev.muster.runbooks.plan.Plan;
import dev.muster.runbooks.steps.Phase;
import dev.muster.workflows.recording.CopiesObservation;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.StepReport;
import dev.muster.workflows.stores.BackupFinding;
import dev.muster.workflows.stores.ReplicatedStore;
import dev.muster.workflows.stores.VerifiedStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What is proved of backups by what a run reports, and by what is seen in a store. Pure code. */
final class Proofs {
    /** As errors.md lists them. */
    private static final Pattern CODE = Pattern.compile("\\b[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+\\b");

    private Proofs() {}

    /** Whether a report says anything of stored backups, so that its plan is worth reading. */
    static boolean tells(RunReport report) {
        RunReport.Results results = report.results();
        return results.verified() != null
                || results.replicated() != null
                || results.restored() != null
                || report.scenario().equals(Scenario.RESTORE_TEST.id());
    }

    static List<BackupProof> of(RunReport report, Plan plan) {
        List<BackupProof> found = new ArrayList<>();
        VerifiedStore verified = report.results().verified();
        Instant began = verified == null ? null : verified.began();
        if (verified != null && began != null) {
            for (VerifiedStore.Level level : verified.levels()) {
                ProofLevel.of(level.level())
                        .ifPresent(known ->
                                found.addAll(of(level.each(), verified.repository(), known, began, report.runId())));
            }
        }
        List<ReplicatedStore> replicated = report.results().replicated();
        if (replicated != null) {
            for (ReplicatedStore store : replicated) {
                Instant copied = store.began();
                if (copied != null) {
                    found.addAll(of(store.each(), store.to(), ProofLevel.COPY, copied, report.runId()));
                }
            }
        }
        restored(report, plan).ifPresent(found::add);
        return found;
    }

    /** A look into a store: what it read itself, and what looks at every byte had left there. */
    static List<BackupProof> of(CopiesObservation seen) {
        List<BackupProof> found = new ArrayList<>();
        for (CopiesObservation.Copy copy : seen.copies()) {
            BackupFinding listing = copy.listing();
            if (listing != null) {
                found.add(of(listing, seen.repository(), ProofLevel.LISTING, seen.observedAt(), null));
            }
            Instant since = copy.readSince();
            if (since != null) {
                // As old as its oldest part: a later look by a run may know better.
                found.add(BackupProof.sound(
                        seen.repository(), copy.backup().id(), ProofLevel.CONTENT, since, since, null));
            }
        }
        return found;
    }

    private static List<BackupProof> of(
            @Nullable List<BackupFinding> each, String repository, ProofLevel level, Instant at, String runId) {
        return each == null
                ? List.of()
                : each.stream()
                        .map(finding -> of(finding, repository, level, at, runId))
                        .toList();
    }

    private static BackupProof of(
            BackupFinding finding, String repository, ProofLevel level, Instant at, @Nullable String runId) {
        return finding.problems() == 0
                ? BackupProof.sound(
                        repository,
                        finding.backup(),
                        level,
                        at,
                        Objects.requireNonNullElse(finding.soundSince(), at),
                        runId)
                : BackupProof.unsound(
                        repository,
                        finding.backup(),
                        level,
                        at,
                        finding.problems(),
                        Objects.requireNonNullElse(finding.code(), "UNKNOWN"),
                        finding.object(),
                        runId);
    }

    /** A recovery that went well proves its backup too; one that failed may have had a target that was none. */
    private static Optional<BackupProof> restored(RunReport report, Plan plan) {
        RepositoryObservation.Backup backup = plan.backup();
        if (backup == null) {
            return Optional.empty();
        }
        String repository = plan.repository().name();
        if (report.verdict() == RunReport.Verdict.SUCCEEDED && report.results().restored() != null) {
            return Optional.of(BackupProof.sound(
                    repository, backup.id(), ProofLevel.RESTORE, report.ended(), report.ended(), report.runId()));
        }
        if (report.verdict() != RunReport.Verdict.FAILED || plan.scenario() != Scenario.RESTORE_TEST) {
            return Optional.empty();
        }
        return failedStep(report, plan)
                .flatMap(step -> code(step.detail()))
                .map(code -> BackupProof.unsound(
                        repository, backup.id(), ProofLevel.RESTORE, report.ended(), 1, code, null, report.runId()));
    }

    private static Optional<StepReport> failedStep(RunReport report, Plan plan) {
        Set<String> ids = Stream.of(Phase.RESTORE, Phase.REPLAY, Phase.VERIFY)
                .flatMap(phase -> plan.steps(phase).stream())
                .map(Plan.PlannedStep::id)
                .collect(Collectors.toSet());
        return report.steps().stream()
                .filter(step -> step.state() == StepReport.State.FAILED && ids.contains(step.id()))
                .findFirst();
    }

    private static Optional<String> code(String words) {
        Matcher found = CODE.matcher(words);
        return found.find() ? Optional.of(found.group()) : Optional.empty();
    }
}

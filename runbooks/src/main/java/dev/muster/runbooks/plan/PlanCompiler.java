package dev.muster.runbooks.plan;

import dev.muster.runbooks.BackupChoice;
import dev.muster.runbooks.Durations;
import dev.muster.runbooks.Problem;
import dev.muster.runbooks.RecoveryPoint;
import dev.muster.runbooks.ResolvedRunbook;
import dev.muster.runbooks.Runbook;
import dev.muster.runbooks.RunbookException;
import dev.muster.runbooks.SystemDescription;
import dev.muster.runbooks.Target;
import dev.muster.runbooks.WalPosition;
import dev.muster.runbooks.observation.DatabaseObservation;
import dev.muster.runbooks.observation.DestructiveTransaction;
import dev.muster.runbooks.observation.Observed;
import dev.muster.runbooks.observation.RepositoryObservation;
import dev.muster.runbooks.steps.StepType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Compiles a runbook, a system and what was observed into a plan. Pure: the same input gives the same plan, byte for
 * byte.
 */
public final class PlanCompiler {
    /** The code of a refusal that lists several problems. */
    public static final String REFUSED = "PLAN_REFUSED";

    /** Room for what a copy writes beside the restored files: its log, spool and statistics. */
    private static final long ROOM_BESIDE_FILES = 256L * 1024 * 1024;

    private final ResolvedRunbook resolved;
    private final Observed observed;
    private final PlanContext context;
    private final List<Problem> problems = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private @Nullable Taking taking;

    private PlanCompiler(ResolvedRunbook resolved, Observed observed, PlanContext context) {
        this.resolved = resolved;
        this.observed = observed;
        this.context = context;
    }

    /** @throws RunbookException with every reason why there can be no plan */
    public static Plan compile(Runbook runbook, SystemDescription system, Observed observed, PlanContext context) {
        PlanCompiler compiler = new PlanCompiler(ResolvedRunbook.of(runbook, system), observed, context);
        // No default: a new scenario must be thought about here.
        if (runbook instanceof Runbook.Backup backup) {
            return compiler.backup(backup);
        } else if (runbook instanceof Runbook.PointInTimeRecovery recovery) {
            return compiler.recovery(recovery);
        } else if (runbook instanceof Runbook.RestoreTest test) {
            return compiler.restoreTest(test);
        } else if (runbook instanceof Runbook.Verify verify) {
            return compiler.stores().verify(verify);
        } else if (runbook instanceof Runbook.Replicate replicate) {
            return compiler.stores().replicate(replicate);
        } else {
            return compiler.stores().expire((Runbook.Expire) runbook);
        }
    }

    private StorePlans stores() {
        return new StorePlans(resolved, observed, context);
    }

    private Plan backup(Runbook.Backup runbook) {
        DatabaseObservation.Live live = observed.database().live();
        if (live == null) {
            problems.add(notReachable("cannot be backed up"));
        }
        StepSequence steps = new StepSequence(
                resolved, Rates.of(live == null ? 0 : live.bytes(), 0, 0, observed.repository()), problems, warnings);
        steps.backup();
        refuseIfProblems();
        if (runbook.kind().needsParent() && observed.repository().backups().isEmpty()) {
            warnings.add("The repository holds no backup yet that an "
                    + runbook.kind().id() + " one could be made against: a full one is taken.");
        }
        taking = taking(runbook);
        Plan.LossInterval none = new Plan.LossInterval(0, 0L, 0L, "A backup only reads the live database.");
        return plan(
                null, null, null, runbook.kind(), null, steps.phases(), bounds(true, 0, null, 0), none, null, false);
    }

    private static @Nullable Taking taking(Runbook.Backup runbook) {
        if (runbook.throttle().isEmpty()
                && runbook.waits().isEmpty()
                && runbook.keep().isEmpty()) {
            return null;
        }
        return new Taking(
                runbook.throttle().orElse(null),
                runbook.waits().map(Duration::toSeconds).orElse(null),
                runbook.keep()
                        .map(keep -> new Taking.Mark(
                                keep.why(),
                                keep.length().map(Duration::toSeconds).orElse(null)))
                        .orElse(null));
    }

    private Plan recovery(Runbook.PointInTimeRecovery runbook) {
        boolean returns = runbook.outcome() == Runbook.Outcome.RETURN_ROWS;
        if (returns) {
            liveTakesWrites();
        }
        Copying copying = new Copying(runbook.backup(), runbook.target(), runbook.copy(), runbook.afterwards());
        Plan.ApprovalNeeded approval = new Plan.ApprovalNeeded(
                runbook.approval().role(), runbook.approval().expires().toSeconds());
        Plan.LossInterval loss = new Plan.LossInterval(
                0,
                0L,
                0L,
                returns
                        ? "The live database loses nothing: rows are only added, none is changed or removed."
                        : "The live database is not touched.");
        return copy(copying, runbook.verify(), returns, Runbook.Afterwards.KEEP, approval, loss);
    }

    private Plan restoreTest(Runbook.RestoreTest runbook) {
        Copying copying = new Copying(
                runbook.backup(),
                new Target.Fixed(new RecoveryPoint.Latest()),
                runbook.copy(),
                Runbook.Afterwards.REMOVE);
        Plan.LossInterval loss = new Plan.LossInterval(0, 0L, 0L, "The live database is not touched.");
        return copy(copying, runbook.verify(), false, Runbook.Afterwards.REMOVE, null, loss);
    }

    private record Copying(
            BackupChoice backup, Target target, Runbook.CopyPlace place, Runbook.Afterwards afterwards) {}

    private Plan copy(
            Copying wanted,
            List<Runbook.VerifyStep> verify,
            boolean returnsRows,
            Runbook.Afterwards afterFailure,
            Plan.@Nullable ApprovalNeeded approval,
            Plan.LossInterval loss) {
        DatabaseObservation.@Nullable CopySpace space = usableSpace();
        TargetResolution target = null;
        BackupSelection selection = null;
        try {
            target = TargetResolution.of(wanted.target(), observed);
            selection = BackupSelection.choose(wanted.backup(), target, observed);
        } catch (RunbookException e) {
            problems.addAll(e.problems());
        }
        if (target == null || selection == null) {
            throw refusal();
        }
        long walBytes = selection.replayTo().minus(selection.backup().start());
        DestructiveTransaction destructive = target.target().destructive();
        Rates rates = Rates.of(
                selection.backup().bytes(),
                walBytes,
                destructive == null ? 0 : destructive.rowsDeleted(),
                observed.repository());
        StepSequence steps = new StepSequence(resolved, rates, problems, warnings);
        steps.recovery(verify, returnsRows, wanted.afterwards() == Runbook.Afterwards.REMOVE);
        long room = room(selection.backup().bytes(), walBytes);
        if (space != null && space.freeBytes() < room) {
            problems.add(Problem.of(
                    "COPY_SPACE_TOO_SMALL",
                    "The copy needs " + Sizes.format(room) + " at " + space.directory() + "; free are "
                            + Sizes.format(space.freeBytes()) + ".",
                    "Free some, or write another copy.directory in the runbook."));
        }
        refuseIfProblems();
        if (space == null) {
            throw refusal();
        }
        warn(target, selection, verify);
        Plan.Copy copy =
                new Plan.Copy(space.directory(), wanted.place().port().orElse(null), wanted.afterwards(), afterFailure);
        // Where the target's place is not known, what is there now must stay.
        Plan.Bounds bounds = bounds(returnsRows, selection.reach().timeline(), selection.replayTo(), room);
        return plan(
                selection.backup(),
                target.target(),
                copy,
                null,
                approval,
                steps.phases(),
                bounds,
                loss,
                Losses.ofCopy(target, selection, observed),
                true);
    }

    private DatabaseObservation.@Nullable CopySpace usableSpace() {
        DatabaseObservation.CopySpace space = observed.database().copy();
        if (space == null) {
            problems.add(Problem.of(
                    "COPY_PLACE_UNKNOWN",
                    "The host worker of " + resolved.database().host() + " named no place for the copy.",
                    "Write copy.directory in the runbook, or configure the worker's folder for copies."));
        } else if (!space.unusableBecause().isEmpty()) {
            problems.add(Problem.of(
                    "COPY_PLACE_UNUSABLE",
                    "The copy cannot go to " + space.directory() + ": " + space.unusableBecause() + ".",
                    "Write another copy.directory in the runbook, or clear that one."));
        }
        return space;
    }

    private static long room(long bytes, long walBytes) {
        return bytes + bytes / 10 + Math.max(0, walBytes) + ROOM_BESIDE_FILES;
    }

    private void liveTakesWrites() {
        DatabaseObservation.Live live = observed.database().live();
        if (live == null) {
            problems.add(notReachable("cannot take its rows back"));
        } else if (live.inRecovery()) {
            problems.add(Problem.of(
                    "LIVE_IN_RECOVERY",
                    "The live database " + resolved.database().name() + " is in recovery and takes no writes.",
                    "Is another server the primary now? Then let the system's database point to it."));
        }
    }

    private Problem notReachable(String consequence) {
        return Problem.of(
                "LIVE_UNREACHABLE",
                "The live database " + resolved.database().name() + " on "
                        + resolved.database().host()
                        + " does not answer (" + observed.database().unreachableBecause() + ") and " + consequence
                        + ".",
                "Start it, or check the system's connection and its password's reference.");
    }

    private void warn(TargetResolution target, BackupSelection selection, List<Runbook.VerifyStep> verify) {
        DatabaseObservation.Live live = observed.database().live();
        if (live == null) {
            warnings.add(
                    "The live database does not answer: " + observed.database().unreachableBecause() + ".");
        } else if (!live.dataChecksums()
                && verify.stream().anyMatch(step -> step.type() == StepType.POSTGRES_PAGE_CHECKSUMS)) {
            warnings.add("The database has no page checksums: " + StepType.POSTGRES_PAGE_CHECKSUMS.id()
                    + " can find nothing.");
        }
        if (verify.isEmpty()) {
            warnings.add("The runbook has no verify step: the copy is not checked.");
        }
        RecoveryPoint point = target.target().point();
        if (target.stopsAt() == null && !(point instanceof RecoveryPoint.Latest)) {
            warnings.add("Where " + point.describe()
                    + " is in the WAL is not known: replay fails if it is before the end of the backup or not there.");
        }
        DestructiveTransaction destructive = target.target().destructive();
        if (destructive != null
                && destructive.timeline() != observed.repository().newestTimeline()) {
            warnings.add("The destructive transaction is on timeline " + destructive.timeline() + "; the newest is "
                    + observed.repository().newestTimeline() + ".");
        }
        int others = otherDestructive(target.target());
        if (others > 0) {
            warnings.add("Further destructive transactions found, which this run leaves aside: " + others + ".");
        }
        if (live != null && live.timeline() != selection.reach().timeline()) {
            warnings.add("The live database is on timeline " + live.timeline() + ", the copy will be on "
                    + selection.reach().timeline() + ".");
        }
    }

    private Plan.Bounds bounds(
            boolean liveNeeded, int walTimeline, @Nullable WalPosition walEndAtLeast, long freeBytesAtLeast) {
        DatabaseObservation.Live live = observed.database().live();
        return new Plan.Bounds(
                liveNeeded,
                live == null ? null : live.systemId(),
                live == null ? null : live.timeline(),
                live == null ? null : live.serverVersion(),
                observed.repository().newestTimeline(),
                walTimeline,
                walEndAtLeast,
                freeBytesAtLeast);
    }

    private Plan plan(
            RepositoryObservation.@Nullable Backup backup,
            Plan.@Nullable ResolvedTarget target,
            Plan.@Nullable Copy copy,
            Runbook.Backup.@Nullable Kind takes,
            Plan.@Nullable ApprovalNeeded approval,
            List<Plan.PlannedPhase> phases,
            Plan.Bounds bounds,
            Plan.LossInterval loss,
            Plan.@Nullable LossInterval copyLacks,
            boolean forecastMatters) {
        if (phases.stream().mapToInt(phase -> phase.steps().size()).sum() > Plan.MOST_STEPS) {
            problems.add(Problem.of(
                    "PLAN_TOO_LARGE",
                    "The plan would have more than " + Plan.MOST_STEPS + " steps.",
                    "Choose fewer checks: verify: [{step: system.checks, checks: [...]}]."));
            throw refusal();
        }
        Plan.Promise promised = new Plan.Promise(
                resolved.promised().rto().toSeconds(), resolved.promised().rpo().toSeconds());
        Plan.Forecast forecast = forecast(target, phases);
        if (forecastMatters) {
            warnOfForecast(forecast, promised);
        }
        return new Plan(
                Plan.SCHEMA,
                context.runId(),
                context.requester(),
                new Plan.Sources(resolved.runbook().name(), context.runbookHash(), context.systemHash()),
                observed.at(),
                resolved.runbook().scenario(),
                resolved.runbook().scenario().changesSystem(),
                resolved.system().name(),
                resolved.system().tier(),
                resolved.database(),
                resolved.repository(),
                backup,
                target,
                copy,
                takes,
                approval,
                phases,
                bounds,
                forecast,
                promised,
                loss,
                copyLacks,
                otherDestructive(target),
                warnings,
                taking,
                null,
                null,
                null);
    }

    private int otherDestructive(Plan.@Nullable ResolvedTarget target) {
        DestructiveTransaction planned = target == null ? null : target.destructive();
        return planned == null
                ? 0
                : (int) observed.repository().destructive().stream()
                        .filter(each -> !each.equals(planned))
                        .count();
    }

    private Plan.Forecast forecast(Plan.@Nullable ResolvedTarget target, List<Plan.PlannedPhase> phases) {
        long seconds = phases.stream()
                .flatMap(phase -> phase.steps().stream())
                .mapToLong(Plan.PlannedStep::forecastSeconds)
                .sum();
        boolean measured = observed.repository().restoreBytesPerSecond() != null
                && observed.repository().replayBytesPerSecond() != null;
        DestructiveTransaction destructive = target == null ? null : target.destructive();
        return new Plan.Forecast(seconds, measured, destructive == null ? null : destructive.commitTime());
    }

    private void warnOfForecast(Plan.Forecast forecast, Plan.Promise promised) {
        Duration gone =
                forecast.faultAt() == null ? Duration.ZERO : Duration.between(forecast.faultAt(), observed.at());
        Duration total = gone.plusSeconds(forecast.seconds());
        Duration rto = Duration.ofSeconds(promised.rtoSeconds());
        if (total.compareTo(rto) > 0) {
            warnings.add("The RTO of " + Durations.format(rto) + " will not be met: "
                    + (gone.isZero() ? "" : Durations.format(gone) + " since the fault, ")
                    + Durations.format(Duration.ofSeconds(forecast.seconds())) + " still to go, about.");
        }
    }

    private void refuseIfProblems() {
        if (!problems.isEmpty()) {
            throw refusal();
        }
    }

    private RunbookException refusal() {
        return problems.size() == 1 ? new RunbookException(problems.get(0)) : new RunbookException(REFUSED, problems);
    }
}

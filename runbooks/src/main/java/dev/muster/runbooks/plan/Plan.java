package dev.muster.runbooks.plan;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.muster.runbooks.RecoveryPoint;
import dev.muster.runbooks.Runbook;
import dev.muster.runbooks.Scenario;
import dev.muster.runbooks.SystemDescription;
import dev.muster.runbooks.Tier;
import dev.muster.runbooks.WalPosition;
import dev.muster.runbooks.observation.DestructiveTransaction;
import dev.muster.runbooks.observation.RepositoryObservation;
import dev.muster.runbooks.steps.Phase;
import dev.muster.runbooks.steps.Place;
import dev.muster.runbooks.steps.StepBounds;
import dev.muster.runbooks.steps.StepType;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a run will do: all that the executing workers need, so that they believe nothing but the approved plan.
 *
 * @param schema version of this form, {@link #SCHEMA}
 * @param runId the run's ULID
 * @param requester who asked for the run
 * @param sources which files it was compiled from
 * @param observedAt the moment that the plan's facts speak of
 * @param changesSystem whether the live system may be changed by it
 * @param backup what is restored; null for a backup
 * @param target what is replayed to; null for a backup
 * @param copy where to; null for a backup
 * @param takes what kind of backup is taken; null for other scenarios
 * @param approval who must let it pass; null if nobody
 * @param phases in order, none empty
 * @param bounds what must still be so when the run acts
 * @param loss of the live database's data by this run
 * @param copyLacks what the live database had and the recovered copy will not; null for a backup
 * @param otherDestructive how many further destructive transactions were found that the target leaves aside
 * @param warnings what the approver should know
 * @param taking how the backup is taken; null for other scenarios, and where nothing but its kind is said
 * @param verify what is looked at; null for other scenarios
 * @param replicate where to; null for other scenarios
 * @param expire what goes; null for other scenarios
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Plan(
        int schema,
        String runId,
        String requester,
        Sources sources,
        Instant observedAt,
        Scenario scenario,
        boolean changesSystem,
        String system,
        Tier tier,
        SystemDescription.Database database,
        SystemDescription.RepositoryPlace repository,
        RepositoryObservation.@Nullable Backup backup,
        @Nullable ResolvedTarget target,
        @Nullable Copy copy,
        Runbook.Backup.@Nullable Kind takes,
        @Nullable ApprovalNeeded approval,
        List<PlannedPhase> phases,
        Bounds bounds,
        Forecast forecast,
        Promise promised,
        LossInterval loss,
        @Nullable LossInterval copyLacks,
        int otherDestructive,
        List<String> warnings,
        @Nullable Taking taking,
        @Nullable Verifying verify,
        @Nullable Replicating replicate,
        @Nullable Expiring expire) {
    public static final int SCHEMA = 1;
    public static final int MOST_STEPS = 500;

    public Plan {
        phases = List.copyOf(phases);
        warnings = List.copyOf(warnings);
        if (schema != SCHEMA) {
            throw new IllegalArgumentException("Not a plan of version " + SCHEMA + ": " + schema);
        }
        List<String> ids = phases.stream()
                .flatMap(phase -> phase.steps().stream())
                .map(PlannedStep::id)
                .toList();
        if (ids.isEmpty()
                || ids.size() > MOST_STEPS
                || ids.size() != ids.stream().distinct().count()) {
            throw new IllegalArgumentException(
                    "A plan has 1 to " + MOST_STEPS + " steps, each with its own id; this has " + ids.size());
        }
        boolean restores = scenario == Scenario.POINT_IN_TIME_RECOVERY || scenario == Scenario.RESTORE_TEST;
        if ((backup != null) != restores
                || (target != null) != restores
                || (copy != null) != restores
                || (takes != null) != (scenario == Scenario.BACKUP)
                || (taking != null && takes == null)
                || (verify != null) != (scenario == Scenario.VERIFY)
                || (replicate != null) != (scenario == Scenario.REPLICATE)
                || (expire != null) != (scenario == Scenario.EXPIRE)) {
            throw new IllegalArgumentException("A plan says what its own scenario does, and nothing of another");
        }
        if (changesSystem && approval == null) {
            throw new IllegalArgumentException("A plan that changes the system needs an approval");
        }
        // A host does what an admitted plan says: one that needs no approval must not hold a step that needs one.
        Set<Phase> possible = possible(scenario);
        for (PlannedPhase phase : phases) {
            if (!possible.contains(phase.phase())) {
                throw new IllegalArgumentException(
                        "A " + scenario.id() + " has no phase '" + phase.phase().id() + "'");
            }
            Place place = scenario.needsHost() ? Place.HOST : Place.SITE;
            if (phase.steps().stream().anyMatch(step -> step.type().place() != place)) {
                throw new IllegalArgumentException("The steps of a " + scenario.id() + " have the place " + place.id());
            }
        }
    }

    private static Set<Phase> possible(Scenario scenario) {
        return switch (scenario) {
            case BACKUP -> Set.of(Phase.BACKUP);
            case VERIFY -> Set.of(Phase.VERIFY);
            case REPLICATE -> Set.of(Phase.REPLICATE);
            case EXPIRE -> Set.of(Phase.EXPIRE);
            case RESTORE_TEST -> Set.of(Phase.RESTORE, Phase.REPLAY, Phase.VERIFY, Phase.CLEANUP);
            case POINT_IN_TIME_RECOVERY ->
                Set.of(Phase.RESTORE, Phase.REPLAY, Phase.VERIFY, Phase.OUTCOME, Phase.CLEANUP);
        };
    }

    /**
     * @param runbook its name
     * @param runbookHash SHA-256 of the runbook's file, hexadecimal
     * @param systemHash SHA-256 of the system's file, hexadecimal
     */
    public record Sources(String runbook, String runbookHash, String systemHash) {}

    /**
     * @param point what the copy's PostgreSQL is told
     * @param timeline that replay follows
     * @param why how the runbook's target led to this point
     * @param destructive the transaction that is left out; null where the target is not the last good point
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ResolvedTarget(
            RecoveryPoint point,
            int timeline,
            String why,
            @Nullable DestructiveTransaction destructive) {}

    /**
     * @param directory absolute, on the host
     * @param port null if the host worker takes a free one when the copy starts
     * @param afterwards what becomes of it when the run succeeds
     * @param afterFailure what becomes of it when the run fails
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Copy(
            String directory, @Nullable Integer port, Runbook.Afterwards afterwards, Runbook.Afterwards afterFailure) {}

    /**
     * @param role that the approver must have; never the requester
     * @param expiresSeconds how long the run waits
     */
    public record ApprovalNeeded(String role, long expiresSeconds) {}

    /** @param steps carried out one after the other, at least one */
    public record PlannedPhase(Phase phase, List<PlannedStep> steps) {
        public PlannedPhase {
            steps = List.copyOf(steps);
            if (steps.isEmpty() || steps.stream().anyMatch(step -> step.type().phase() != phase)) {
                throw new IllegalArgumentException("A phase has at least one step, and only steps of its own");
            }
        }
    }

    /**
     * @param id unique in the plan
     * @param queue the task queue: {@code control}, {@code site-<site>} or {@code host-<host>}
     * @param check what {@code system.checks} makes here; null for other types
     * @param forecastSeconds how long it will take, about
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record PlannedStep(
            String id,
            StepType type,
            String title,
            String queue,
            StepBounds bounds,
            @Nullable PlannedCheck check,
            long forecastSeconds) {}

    /** Either a query with the expected text of its one value, or a command of the host's allow-list. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record PlannedCheck(
            String name,
            @Nullable String sql,
            @Nullable String expect,
            @Nullable String command) {
        public PlannedCheck {
            if ((sql == null) == (command == null) || (sql == null) != (expect == null)) {
                throw new IllegalArgumentException("A check is a query with an expectation, or a command");
            }
        }

        /** As a plan holds a system's check. */
        public static PlannedCheck of(SystemDescription.Check check) {
            // No default: a new kind of check must be thought about here.
            if (check instanceof SystemDescription.Check.Sql sql) {
                return new PlannedCheck(sql.name(), sql.sql(), sql.expect(), null);
            }
            SystemDescription.Check.Command command = (SystemDescription.Check.Command) check;
            return new PlannedCheck(command.name(), null, null, command.command());
        }
    }

    /**
     * What must still be so just before the run acts; {@link PlanBounds} compares.
     *
     * @param liveReachable the live database must answer
     * @param systemId of the live database, if it was reached
     * @param liveTimeline of the live database, if it was reached: a promotion since then voids the plan
     * @param serverVersion of the live database, if it was reached; only the major version must stay
     * @param newestTimeline in the repository
     * @param walTimeline that {@code walEndAtLeast} is on; 0 if no WAL is needed
     * @param walEndAtLeast stored WAL must reach to here; null if no WAL is needed
     * @param freeBytesAtLeast at the copy's place; 0 without a copy
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Bounds(
            boolean liveReachable,
            @Nullable String systemId,
            @Nullable Integer liveTimeline,
            @Nullable Integer serverVersion,
            int newestTimeline,
            int walTimeline,
            @Nullable WalPosition walEndAtLeast,
            long freeBytesAtLeast) {}

    /**
     * @param seconds of all steps together
     * @param measured whether from rates measured here; else from assumed ones
     * @param faultAt when the destructive transaction committed; null where there is none
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Forecast(
            long seconds, boolean measured, @Nullable Instant faultAt) {}

    /** RTO and RPO. */
    public record Promise(long rtoSeconds, long rpoSeconds) {}

    /**
     * Loss is an interval.
     *
     * @param leastSeconds of commits, at least this is lost
     * @param mostSeconds of commits, at most this is lost; null if nobody can say
     * @param bytes of WAL; null if not known
     * @param statement in words
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record LossInterval(
            long leastSeconds,
            @Nullable Long mostSeconds,
            @Nullable Long bytes,
            String statement) {
        public LossInterval {
            if (leastSeconds < 0 || (mostSeconds != null && mostSeconds < leastSeconds)) {
                throw new IllegalArgumentException("Not an interval: " + leastSeconds + " to " + mostSeconds);
            }
        }
    }

    /** All steps, in order. */
    public List<PlannedStep> steps() {
        return phases.stream().flatMap(phase -> phase.steps().stream()).toList();
    }

    public Optional<PlannedStep> step(String id) {
        return steps().stream().filter(step -> step.id().equals(id)).findFirst();
    }

    /** The step of a type that stands at most once in a plan. */
    public Optional<PlannedStep> step(StepType type) {
        return steps().stream().filter(step -> step.type() == type).findFirst();
    }

    /** The steps of a phase; empty if the plan has no such phase. */
    public List<PlannedStep> steps(Phase wanted) {
        return phases.stream()
                .filter(phase -> phase.phase() == wanted)
                .flatMap(phase -> phase.steps().stream())
                .toList();
    }
}

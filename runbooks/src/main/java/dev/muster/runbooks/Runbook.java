package dev.muster.runbooks;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.muster.runbooks.steps.StepType;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** How one scenario is carried out: what a {@code kind: Runbook} document says, defaults filled in. */
public sealed interface Runbook {
    String name();

    Scenario scenario();

    /** The system's name; empty if the system is given when the runbook is run. */
    Optional<String> system();

    /** The database's name; empty for the only one that the system has. */
    Optional<String> database();

    /** What this scenario promises instead of what the system promises. */
    Objectives.Overrides objectives();

    /** Takes a backup. */
    record Backup(String name, Optional<String> system, Optional<String> database, Kind kind) implements Runbook {
        /** Of which kind the backup is. */
        public enum Kind {
            FULL("full");

            private final String id;

            Kind(String id) {
                this.id = id;
            }

            @JsonValue
            public String id() {
                return id;
            }
        }

        public Backup {
            Name.check("runbook", name);
        }

        @Override
        public Scenario scenario() {
            return Scenario.BACKUP;
        }

        @Override
        public Objectives.Overrides objectives() {
            return Objectives.Overrides.NONE;
        }
    }

    /** Brings a copy of a database to a point beside the live one, and from it what was lost. */
    record PointInTimeRecovery(
            String name,
            Optional<String> system,
            Optional<String> database,
            BackupChoice backup,
            Target target,
            CopyPlace copy,
            Approval approval,
            List<VerifyStep> verify,
            Outcome outcome,
            Afterwards afterwards,
            Objectives.Overrides objectives)
            implements Runbook {
        public PointInTimeRecovery {
            Name.check("runbook", name);
            verify = List.copyOf(verify);
            if (outcome == Outcome.KEEP_COPY && afterwards == Afterwards.REMOVE) {
                throw new IllegalArgumentException("A copy that is the outcome is not removed afterwards");
            }
            if (outcome == Outcome.RETURN_ROWS && !(target instanceof Target.LastGoodPoint)) {
                throw new IllegalArgumentException("Rows are returned from the last good point only");
            }
        }

        @Override
        public Scenario scenario() {
            return Scenario.POINT_IN_TIME_RECOVERY;
        }
    }

    /** Restores a backup to a throw-away copy, checks it, measures, removes it. */
    record RestoreTest(
            String name,
            Optional<String> system,
            Optional<String> database,
            BackupChoice backup,
            CopyPlace copy,
            List<VerifyStep> verify,
            Objectives.Overrides objectives)
            implements Runbook {
        public RestoreTest {
            Name.check("runbook", name);
            verify = List.copyOf(verify);
        }

        @Override
        public Scenario scenario() {
            return Scenario.RESTORE_TEST;
        }
    }

    /**
     * Where a copy goes; what is empty the host worker chooses.
     *
     * @param directory absolute, on the host
     * @param port 1024 to 65535
     */
    record CopyPlace(Optional<String> directory, Optional<Integer> port) {
        public static final CopyPlace CHOSEN_BY_HOST = new CopyPlace(Optional.empty(), Optional.empty());
    }

    /**
     * Who must let the plan pass.
     *
     * @param expires how long the run waits for it
     */
    record Approval(String role, Duration expires) {
        public static final Duration SHORTEST = Duration.ofMinutes(1);
        public static final Duration LONGEST = Duration.ofDays(7);
        public static final Approval DEFAULT = new Approval("approver", Duration.ofMinutes(30));

        public Approval {
            Name.check("role", role);
            if (expires.compareTo(SHORTEST) < 0 || expires.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException("An approval expires after 1m to 7d, not " + expires);
            }
        }
    }

    /**
     * A step of the verify phase.
     *
     * @param checks for {@code system.checks}: which of the system's checks; empty for all
     */
    record VerifyStep(StepType type, List<String> checks) {
        public VerifyStep {
            checks = List.copyOf(checks);
            if (!checks.isEmpty() && type != StepType.SYSTEM_CHECKS) {
                throw new IllegalArgumentException(type.id() + " takes no checks");
            }
        }
    }

    /** What the recovered copy is for. */
    enum Outcome {
        /** The deleted rows go back into the live database. */
        RETURN_ROWS("return-rows"),
        /** The copy stays, in recovery, for people to read. */
        KEEP_COPY("keep-copy");

        private final String id;

        Outcome(String id) {
            this.id = id;
        }

        @JsonValue
        public String id() {
            return id;
        }
    }

    /** What becomes of the copy at the end. */
    enum Afterwards {
        REMOVE("remove"),
        KEEP("keep");

        private final String id;

        Afterwards(String id) {
            this.id = id;
        }

        @JsonValue
        public String id() {
            return id;
        }
    }
}

package dev.muster.runbooks;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.muster.runbooks.steps.StepType;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

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

    /**
     * Takes a backup.
     *
     * @param throttle bytes a second that are read at most; empty for no limit
     * @param waits how long it waits for another backup of the same source, 0 s (refused at once) to 12 h; empty for the
     *     default, half a minute in each attempt
     * @param keep keeps it whatever the rules of an expiry say; empty for no mark
     */
    record Backup(
            String name,
            Optional<String> system,
            Optional<String> database,
            Kind kind,
            Optional<Long> throttle,
            Optional<Duration> waits,
            Optional<Keep> keep)
            implements Runbook {
        /** Less than the day that an attempt has. */
        public static final Duration LONGEST_WAIT = Duration.ofHours(12);

        /** Of which kind the backup is. */
        public enum Kind {
            FULL("full"),
            /** Against the newest backup that suits; a full one where none does. */
            INCREMENTAL("incremental"),
            /** Against the newest full one that suits; a full one where none does. */
            DIFFERENTIAL("differential"),
            /** Full, and no later backup refers to it. */
            ARCHIVAL("archival");

            private final String id;

            Kind(String id) {
                this.id = id;
            }

            @JsonValue
            public String id() {
                return id;
            }

            /** Whether it is made against an earlier backup where one suits. */
            public boolean needsParent() {
                return this == INCREMENTAL || this == DIFFERENTIAL;
            }
        }

        public Backup {
            Name.check("runbook", name);
            throttle.filter(limit -> limit < 1).ifPresent(limit -> {
                throw new IllegalArgumentException("A throttle is 1 byte a second or more, not " + limit);
            });
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
     * Looks whether what is stored is still what was stored.
     *
     * @param repository of the system; empty for the database's own
     * @param levels at least one
     * @param budget of the level that reads everything
     */
    record Verify(
            String name,
            Optional<String> system,
            Optional<String> database,
            Optional<String> repository,
            Set<Level> levels,
            Budget budget)
            implements Runbook {
        /** How deep a look is. */
        public enum Level {
            LISTING("listing"),
            INDEXES("indexes"),
            CONTENT("content");

            private final String id;

            Level(String id) {
                this.id = id;
            }

            @JsonValue
            public String id() {
                return id;
            }
        }

        /**
         * How much one run reads; the next goes on where it ended. Both empty for everything.
         *
         * @param bytes as stored, 1 or more
         */
        public record Budget(Optional<Long> bytes, Optional<Duration> time) {
            public static final Budget UNLIMITED = new Budget(Optional.empty(), Optional.empty());
        }

        public Verify {
            Name.check("runbook", name);
            levels = Collections.unmodifiableSet(EnumSet.copyOf(levels));
        }

        @Override
        public Scenario scenario() {
            return Scenario.VERIFY;
        }

        @Override
        public Objectives.Overrides objectives() {
            return Objectives.Overrides.NONE;
        }
    }

    /**
     * Copies a database's backups and WAL to other repositories of its system.
     *
     * @param to names of repositories, each once; empty for all others of the system
     */
    record Replicate(String name, Optional<String> system, Optional<String> database, List<String> to)
            implements Runbook {
        public Replicate {
            Name.check("runbook", name);
            to = List.copyOf(to);
            if (to.size() != to.stream().distinct().count()) {
                throw new IllegalArgumentException("A replication goes to each repository once");
            }
        }

        @Override
        public Scenario scenario() {
            return Scenario.REPLICATE;
        }

        @Override
        public Objectives.Overrides objectives() {
            return Objectives.Overrides.NONE;
        }
    }

    /**
     * Takes away backups that no rule keeps, and WAL that no backup needs.
     *
     * @param repository of the system; empty for the database's own
     * @param approval empty where the policy is the decision
     * @param atMost a plan that would take more backups is refused
     */
    record Expire(
            String name,
            Optional<String> system,
            Optional<String> database,
            Optional<String> repository,
            Retention policy,
            Optional<Approval> approval,
            int atMost)
            implements Runbook {
        public static final int DEFAULT_AT_MOST = 100;
        public static final int LARGEST_AT_MOST = 500;

        public Expire {
            Name.check("runbook", name);
            if (atMost < 1 || atMost > LARGEST_AT_MOST) {
                throw new IllegalArgumentException("An expiry takes 1 to " + LARGEST_AT_MOST + " backups at most");
            }
        }

        @Override
        public Scenario scenario() {
            return Scenario.EXPIRE;
        }

        @Override
        public Objectives.Overrides objectives() {
            return Objectives.Overrides.NONE;
        }
    }

    /**
     * A mark that keeps a backup.
     *
     * @param why 1 to 200 characters
     * @param length how long; empty for until somebody takes it away
     */
    record Keep(String why, Optional<Duration> length) {
        public Keep {
            if (why.isBlank() || why.length() > 200) {
                throw new IllegalArgumentException("A mark that keeps a backup says why in 1 to 200 characters");
            }
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

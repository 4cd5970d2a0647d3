package dev.muster.runbooks.steps;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A type of step. docs/reference/runbooks.md has the same catalogue for people; a test compares them. */
public enum StepType {
    POSTGRES_BACKUP(
            "postgres.backup",
            "Take a backup",
            Phase.BACKUP,
            false,
            "A killed attempt leaves nothing visible and is done again; one whose answer was lost is found by the run's id in the committed backup."),
    POSTGRES_RESTORE(
            "postgres.restore",
            "Restore the backup beside the live database",
            Phase.RESTORE,
            false,
            "Goes on in the run's own copy directory; a directory that the run did not make is refused."),
    POSTGRES_REPLAY(
            "postgres.replay",
            "Replay WAL to the target and stay in recovery",
            Phase.REPLAY,
            false,
            "Adopts a copy that runs already; PostgreSQL itself goes on where replay stopped."),
    POSTGRES_PAGE_CHECKSUMS(
            "postgres.page-checksums",
            "Verify the checksum of every page of the copy",
            Phase.VERIFY,
            true,
            "Only reads."),
    POSTGRES_AMCHECK(
            "postgres.amcheck", "Verify the structure of tables and indexes", Phase.VERIFY, true, "Only reads."),
    SYSTEM_CHECKS(
            "system.checks",
            "Make the system's own checks",
            Phase.VERIFY,
            true,
            "SQL checks only read: the copy is in recovery. A command must be repeatable; its entry in the allow-list promises that.",
            "checks"),
    POSTGRES_CANARY(
            "postgres.canary",
            "Read the newest canary: the recovery point, measured",
            Phase.VERIFY,
            false,
            "Only reads."),
    POSTGRES_RETURN_ROWS(
            "postgres.return-rows",
            "Bring the deleted rows back into the live database",
            Phase.OUTCOME,
            false,
            "One transaction in the live database; a row that is there already is left as it is, so a repeat inserts nothing twice."),
    POSTGRES_REMOVE_COPY(
            "postgres.remove-copy",
            "Stop and remove the copy",
            Phase.CLEANUP,
            false,
            "A copy that is gone already is success; only a directory that the run made is removed."),
    STORE_VERIFY(
            "store.verify",
            "Verify what the repository holds",
            Phase.VERIFY,
            false,
            "Only reads. What was found sound is kept on the site's disk, and the next attempt goes on from there."),
    STORE_REPLICATE(
            "store.replicate",
            "Copy backups and WAL to another repository",
            Phase.REPLICATE,
            false,
            "Objects that are there are not copied again; a backup counts there only when all of it is there."),
    STORE_EXPIRE(
            "store.expire",
            "Take away what no rule keeps",
            Phase.EXPIRE,
            false,
            "Looks again before it deletes and takes nothing that the plan does not name; what a killed attempt left is"
                    + " finished.");

    private final String id;
    private final String title;
    private final Phase phase;
    private final boolean chosenByRunbook;
    private final String idempotency;
    /** Empty for none. */
    private final String parameter;

    StepType(String id, String title, Phase phase, boolean chosenByRunbook, String idempotency) {
        this(id, title, phase, chosenByRunbook, idempotency, "");
    }

    StepType(String id, String title, Phase phase, boolean chosenByRunbook, String idempotency, String parameter) {
        this.id = id;
        this.title = title;
        this.phase = phase;
        this.chosenByRunbook = chosenByRunbook;
        this.idempotency = idempotency;
        this.parameter = parameter;
    }

    /** As runbooks and plans write it. */
    @JsonValue
    public String id() {
        return id;
    }

    /** What it does, for people. */
    public String title() {
        return title;
    }

    /** The phase that it may stand in. */
    public Phase phase() {
        return phase;
    }

    /** Whether runbooks list it; the others stand where the scenario puts them. */
    public boolean chosenByRunbook() {
        return chosenByRunbook;
    }

    /** Why it may be tried again at any time. */
    public String idempotency() {
        return idempotency;
    }

    /** Names of the fields beside {@code step} that a runbook may write. */
    public List<String> parameters() {
        return parameter.isEmpty() ? List.of() : List.of(parameter);
    }

    /** What acts on stores alone runs at the site of the repository, the rest on the database's host. */
    public Place place() {
        return switch (this) {
            case STORE_VERIFY, STORE_REPLICATE, STORE_EXPIRE -> Place.SITE;
            case POSTGRES_BACKUP,
                    POSTGRES_RESTORE,
                    POSTGRES_REPLAY,
                    POSTGRES_PAGE_CHECKSUMS,
                    POSTGRES_AMCHECK,
                    SYSTEM_CHECKS,
                    POSTGRES_CANARY,
                    POSTGRES_RETURN_ROWS,
                    POSTGRES_REMOVE_COPY -> Place.HOST;
        };
    }

    public StepBounds bounds() {
        return StepBounds.LONG_WORK;
    }

    public static Optional<StepType> of(String id) {
        return Arrays.stream(values()).filter(type -> type.id.equals(id)).findFirst();
    }
}

package dev.muster.workflows.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a run is started with. The files travel whole, so that the plan is compiled from exactly what was validated at
 * the start, however the files change meanwhile.
 *
 * @param schema version of this record, {@link #SCHEMA}
 * @param runId a ULID; also the key against a second start
 * @param requester who asks for the run
 * @param dryRun whether the run ends once the plan is made
 * @param runbook the runbook's YAML, at most {@link #LONGEST_FILE} characters
 * @param system the system's YAML, at most {@link #LONGEST_FILE} characters
 * @param schedule full name of the schedule that started it; null if none did, and then left out of the JSON, so that
 *     requests stay as earlier versions wrote them
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RunRequest(
        int schema,
        String runId,
        String requester,
        boolean dryRun,
        SourceFile runbook,
        SourceFile system,
        @Nullable String schedule) {
    public static final int SCHEMA = 1;
    public static final int LONGEST_FILE = 256 * 1024;

    /** A file's name, for error messages, and its text. */
    public record SourceFile(String name, String text) {
        public SourceFile {
            if (text.length() > LONGEST_FILE) {
                throw new IllegalArgumentException(
                        name + " is longer than " + LONGEST_FILE + " characters; split it by system.");
            }
        }
    }

    public RunRequest {
        Objects.requireNonNull(runbook, "A run has a runbook");
        Objects.requireNonNull(system, "A run has a system");
        if (schema != SCHEMA) {
            throw new IllegalArgumentException("Unknown version of a run's request: " + schema);
        }
        if (!runId.matches("[0-9A-HJKMNP-TV-Z]{26}")) {
            throw new IllegalArgumentException("A run's id is a ULID of 26 characters, not '" + runId + "'");
        }
        // It is shown wherever the run is shown: an escape sequence or a line end would tell a story of its own there.
        if (requester.isBlank()
                || requester.length() > 200
                || requester.matches("(?s).*[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}].*")) {
            throw new IllegalArgumentException(
                    "A run has a requester of 1 to 200 characters, without control characters.");
        }
    }

    /** A request that no schedule made. */
    public RunRequest(
            int schema, String runId, String requester, boolean dryRun, SourceFile runbook, SourceFile system) {
        this(schema, runId, requester, dryRun, runbook, system, null);
    }
}

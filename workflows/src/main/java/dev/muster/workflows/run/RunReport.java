package dev.muster.workflows.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.muster.workflows.backup.TakenBackup;
import dev.muster.workflows.recovery.CanaryReading;
import dev.muster.workflows.recovery.CheckVerdict;
import dev.muster.workflows.recovery.RecoveredCopy;
import dev.muster.workflows.recovery.RestoredCopy;
import dev.muster.workflows.recovery.ReturnedRows;
import dev.muster.workflows.stores.ExpiredStore;
import dev.muster.workflows.stores.ReplicatedStore;
import dev.muster.workflows.stores.VerifiedStore;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a run ended: what a person reads and what later becomes evidence.
 *
 * @param schema version of this record, {@link #SCHEMA}
 * @param summary one line
 * @param planHash null if the run ended before there was a plan
 */
public record RunReport(
        int schema,
        String runId,
        String workflowId,
        String scenario,
        String system,
        String requester,
        Verdict verdict,
        String summary,
        @Nullable String planHash,
        Instant started,
        Instant ended,
        List<StepReport> steps,
        List<ApprovalAnswer> answers,
        Results results,
        @Nullable Objectives objectives) {
    public static final int SCHEMA = 1;

    public enum Verdict {
        /** A dry run: the plan was made, nothing was done. */
        PLANNED,
        SUCCEEDED,
        /** Nobody approved before the approval's expiry; nothing was done. */
        NOT_APPROVED,
        FAILED
    }

    /** What the steps brought, each null or empty where the scenario has no such step or it did not run. */
    public record Results(
            @Nullable TakenBackup backup,
            @Nullable RestoredCopy restored,
            @Nullable RecoveredCopy recovered,
            List<CheckVerdict> checks,
            @Nullable CanaryReading canary,
            @Nullable ReturnedRows returned,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable VerifiedStore verified,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<ReplicatedStore> replicated,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable ExpiredStore expired) {
        public static final Results NONE = new Results(null, null, null, List.of(), null, null);

        /** Of a scenario that does nothing with stored backups but read or add one. */
        public Results(
                @Nullable TakenBackup backup,
                @Nullable RestoredCopy restored,
                @Nullable RecoveredCopy recovered,
                List<CheckVerdict> checks,
                @Nullable CanaryReading canary,
                @Nullable ReturnedRows returned) {
            this(backup, restored, recovered, checks, canary, returned, null, null, null);
        }

        public Results with(VerifiedStore found) {
            return new Results(backup, restored, recovered, checks, canary, returned, found, replicated, expired);
        }

        public Results with(List<ReplicatedStore> copies) {
            return new Results(
                    backup, restored, recovered, checks, canary, returned, verified, List.copyOf(copies), expired);
        }

        public Results with(ExpiredStore gone) {
            return new Results(backup, restored, recovered, checks, canary, returned, verified, replicated, gone);
        }
    }

    /**
     * Promised against achieved.
     *
     * @param rtoPromisedSeconds from the system's tier or the runbook
     * @param rtoAchievedSeconds from {@code rtoFrom} to {@code rtoTo}; null if not reached
     * @param rtoFrom the fault, or the start of a test
     * @param rtoTo the moment that the recovered state was verified
     * @param rtoMeasured how it was measured, in words
     * @param rpoAchievedSeconds null if not measured
     * @param rpoMeasured how it was measured, in words
     */
    public record Objectives(
            long rtoPromisedSeconds,
            @Nullable Double rtoAchievedSeconds,
            @Nullable Instant rtoFrom,
            @Nullable Instant rtoTo,
            String rtoMeasured,
            long rpoPromisedSeconds,
            @Nullable Double rpoAchievedSeconds,
            String rpoMeasured) {
        /** Whether what was measured keeps what was promised; false where nothing was measured. */
        public boolean met() {
            return rtoAchievedSeconds != null
                    && rtoAchievedSeconds <= rtoPromisedSeconds
                    && (rpoAchievedSeconds == null || rpoAchievedSeconds <= rpoPromisedSeconds);
        }
    }
}

package dev.muster.workflows.recording;

import dev.muster.runbooks.Scenario;
import dev.muster.workflows.FailureType;
import dev.muster.workflows.planning.Places;
import dev.muster.workflows.planning.PlanDocument;
import dev.muster.workflows.run.RunReport;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationFailure;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInit;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/** Writes what it knows, the newest only, for as long as it takes; looks itself when the run is silent for long. */
public final class RunRecorderImpl implements RunRecorder {
    private static final Logger log = Workflow.getLogger(RunRecorderImpl.class);

    /** After so long without a word it looks whether the run is still there, then less and less often. */
    private static final Duration FIRST_SILENCE = Duration.ofHours(1);

    private static final Duration LONGEST_SILENCE = Duration.ofHours(24);

    private final RecordingActivities catalog = CatalogActivities.patient(RecordingActivities.class);
    private final RecordingStart start;
    private final KnownRun known;
    private final Queue<PlanDocument> plans = new ArrayDeque<>();
    private long kept;

    @WorkflowInit
    public RunRecorderImpl(@Nullable RecordingStart start) {
        if (start == null) {
            // By hand; as any other exception it would hang the workflow task for ever.
            throw ApplicationFailure.newNonRetryableFailure(
                    "RECORDER_WITHOUT_RUN: the recorder was started without a run. Hint: runs start their own.",
                    FailureType.REFUSED.name());
        }
        this.start = start;
        this.known = new KnownRun(start);
    }

    @Override
    public void changed(@Nullable RunChange change) {
        if (change == null) {
            // A Signal can be sent by anybody who reaches Temporal; an empty one must not stop the workflow task.
            return;
        }
        if (change.plan() != null) {
            plans.add(change.plan());
        }
        known.learn(change);
    }

    @Override
    public void record(RecordingStart ignored) {
        String runbookHash = catalog.recordFiles(start.request());
        boolean ended = false;
        Duration patience = FIRST_SILENCE;
        while (!ended) {
            if (!Workflow.await(patience, () -> known.revision() > kept)) {
                patience = patience.multipliedBy(2).compareTo(LONGEST_SILENCE) > 0
                        ? LONGEST_SILENCE
                        : patience.multipliedBy(2);
                lookAfterTheRun();
                continue;
            }
            patience = FIRST_SILENCE;
            ended = keep(known.snapshot(runbookHash));
        }
        refreshIndexOfChangedStores();
    }

    /** @return whether the run's end is kept */
    private boolean keep(RecordedRun snapshot) {
        try {
            while (!plans.isEmpty()) {
                catalog.recordPlan(plans.remove().json());
            }
            catalog.recordRun(snapshot);
        } catch (ActivityFailure e) {
            if (snapshot.end() != null) {
                // Nothing newer will come: the failed recorder is what tells of the missing record.
                throw e;
            }
            log.warn("Revision {} was not recorded, the next one will be", snapshot.revision(), e);
        }
        kept = snapshot.revision();
        return snapshot.end() != null;
    }

    /** A run that was terminated, or whose last signal was lost, cannot tell its end. */
    private void lookAfterTheRun() {
        RecordedRun.End end = catalog.lookAfter(start.workflowId(), start.executionId());
        if (end != null && !known.hasEnded()) {
            known.ended(end);
        }
    }

    /** An expiry that failed half-way has changed its store too. */
    private void refreshIndexOfChangedStores() {
        RunReport report = known.report();
        if (report == null) {
            return;
        }
        boolean changed = changesStores(start.scenario(), report.verdict());
        if (changed) {
            refreshIndex(start.places());
        }
        // One that failed has copied to some repositories, or a part.
        boolean copied =
                start.scenario().equals(Scenario.REPLICATE.id()) && report.verdict() == RunReport.Verdict.FAILED;
        if ((changed || copied)
                && Workflow.getVersion(StoreIndex.COPIES, Workflow.DEFAULT_VERSION, 1) != Workflow.DEFAULT_VERSION) {
            refreshCopies(start.places());
        }
    }

    private void refreshIndex(Places at) {
        try {
            StoreIndex.refresh(new IndexActivities.Source(
                    at.system(),
                    at.database(),
                    at.site(),
                    StoreIndex.question(
                            start.request().system(),
                            at.system(),
                            at.database(),
                            start.request().runId(),
                            start.request().requester())));
        } catch (ActivityFailure e) {
            // The run and its record are complete; the index shows by its time that it is older.
            log.warn("The index of {}/{} was not refreshed after the run", at.system(), at.database(), e);
        }
    }

    /** Of each repository: a replication changes others than the database's own. */
    private void refreshCopies(Places at) {
        try {
            List<CopiesQuestion> repositories = CatalogActivities.patient(IndexActivities.class)
                    .repositories(start.request().system(), start.request().requester())
                    .stream()
                    .filter(question -> question.database().equals(at.database()))
                    .toList();
            StoreIndex.refreshCopies(repositories).stream()
                    .filter(one -> one.trouble() != null)
                    .forEach(one ->
                            log.warn("The repository {} was not looked into: {}", one.repository(), one.trouble()));
        } catch (ActivityFailure e) {
            log.warn("The copies of {}/{} were not refreshed after the run", at.system(), at.database(), e);
        }
    }

    private static boolean changesStores(String scenario, RunReport.Verdict verdict) {
        boolean failed = verdict == RunReport.Verdict.FAILED;
        boolean succeeded = verdict == RunReport.Verdict.SUCCEEDED;
        return scenario.equals(Scenario.EXPIRE.id())
                ? succeeded || failed
                : succeeded && (scenario.equals(Scenario.BACKUP.id()) || scenario.equals(Scenario.REPLICATE.id()));
    }
}

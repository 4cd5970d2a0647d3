package dev.muster.workflows.run;

import dev.muster.runbooks.yaml.RunbookFiles;
import dev.muster.runbooks.yaml.SourceText;
import dev.muster.workflows.FailureType;
import dev.muster.workflows.recording.CopiesObservation;
import dev.muster.workflows.recording.CopiesQuestion;
import dev.muster.workflows.recording.IndexActivities;
import dev.muster.workflows.recording.RecordedRun;
import dev.muster.workflows.recording.RecordingActivities;
import dev.muster.workflows.recording.ScheduleLogActivities;
import dev.muster.workflows.recording.ScheduledTime;
import dev.muster.workflows.recording.StoreIndex;
import dev.muster.workflows.recording.StoreObservation;
import io.temporal.failure.ApplicationFailure;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A catalogue that can be away; it remembers each write. */
final class CatalogFake implements RecordingActivities, IndexActivities, ScheduleLogActivities {
    static final String RUNBOOK_HASH = "c".repeat(64);

    private final Calls calls;
    final List<RecordedRun> writes = new CopyOnWriteArrayList<>();
    final List<ScheduledTime> scheduled = new CopyOnWriteArrayList<>();
    final List<String> plans = new CopyOnWriteArrayList<>();
    final List<StoreObservation> observations = new CopyOnWriteArrayList<>();
    final List<CopiesObservation> copies = new CopyOnWriteArrayList<>();
    /** What Temporal would say of a run that was silent for long. */
    final Map<String, RecordedRun.End> ends = new ConcurrentHashMap<>();

    volatile boolean down;

    CatalogFake(Calls calls) {
        this.calls = calls;
    }

    private void made(String activity) {
        calls.made("catalog:" + activity);
        if (down) {
            throw ApplicationFailure.newFailure("CATALOG_UNREACHABLE: down", FailureType.UNAVAILABLE.name());
        }
    }

    /** The last write of the run. */
    RecordedRun record(String runId) {
        return writes.stream()
                .filter(run -> run.runId().equals(runId))
                .reduce((earlier, later) -> later)
                .orElseThrow(() -> new AssertionError("no record of " + runId));
    }

    @Override
    public String recordFiles(RunRequest request) {
        made("RecordFiles");
        return RUNBOOK_HASH;
    }

    @Override
    public void recordPlan(String json) {
        made("RecordPlan");
        plans.add(json);
    }

    @Override
    public void recordRun(RecordedRun run) {
        made("RecordRun");
        writes.add(run);
    }

    @Override
    public RecordedRun.@Nullable End lookAfter(String workflowId, String executionId) {
        made("LookAfterRun");
        return ends.get(workflowId);
    }

    @Override
    public List<Source> sources(RunRequest.SourceFile system, String requester) {
        made("ListSources");
        return RunbookFiles.read(List.of(new SourceText(system.name(), system.text()))).systems().stream()
                .flatMap(loaded -> loaded.system().databases().stream()
                        .map(database -> new Source(
                                loaded.system().name(),
                                database.name(),
                                "berlin",
                                StoreIndex.question(
                                        system, loaded.system().name(), database.name(), RunWorld.RUN, requester))))
                .toList();
    }

    @Override
    public boolean store(StoreObservation observation) {
        made("StoreIndex");
        observations.add(observation);
        return true;
    }

    @Override
    public List<CopiesQuestion> repositories(RunRequest.SourceFile system, String requester) {
        made("ListRepositories");
        return RunbookFiles.read(List.of(new SourceText(system.name(), system.text()))).systems().stream()
                .flatMap(loaded -> loaded.system().repositories().stream()
                        .map(repository -> StoreIndex.copiesQuestion(
                                system,
                                loaded.system().name(),
                                "main",
                                repository.name(),
                                repository.site(),
                                RunWorld.RUN,
                                requester)))
                .toList();
    }

    @Override
    public boolean storeCopies(CopiesObservation observation) {
        made("StoreCopies");
        copies.add(observation);
        return true;
    }

    @Override
    public void recordScheduledTime(ScheduledTime time) {
        made("RecordScheduledTime");
        scheduled.add(time);
    }
}

package dev.muster.workflows.recording;

import dev.muster.workflows.run.RunRequest;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.util.List;

/** Reads a system's stores from its sites and replaces the catalogue's index of them. */
@WorkflowInterface
public interface RefreshIndex {
    @WorkflowMethod(name = "RefreshIndex")
    List<Refreshed> refresh(RunRequest.SourceFile system, String requester);

    /**
     * What was found for one database.
     *
     * @param replaced false if the catalogue knew of a later observation
     */
    record Refreshed(String system, String database, int backups, int walRanges, boolean replaced) {}

    /** The id of a system's refresh; one at a time. */
    static String workflowId(String system) {
        return "index/" + system;
    }
}

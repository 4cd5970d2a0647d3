package dev.muster.workflows.recording;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.muster.workflows.run.RunRequest;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a system's stores from its sites and replaces the catalogue's index of them. */
@WorkflowInterface
public interface RefreshIndex {
    /** @param thorough whether also what the stores prove of each backup is read; costs up to a hundredth of their bytes */
    @WorkflowMethod(name = "RefreshIndex")
    List<Refreshed> refresh(RunRequest.SourceFile system, String requester, boolean thorough);

    /**
     * What was found for one database.
     *
     * @param backups in its own repository
     * @param replaced false if the catalogue knew of a later observation, or nothing was seen
     * @param trouble why its own repository could not be looked into; null if it could
     * @param copies in each repository; null from earlier versions
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Refreshed(
            String system,
            String database,
            int backups,
            int walRanges,
            boolean replaced,
            @Nullable String trouble,
            @Nullable List<InRepository> copies) {
        Refreshed with(List<InRepository> found) {
            return new Refreshed(system, database, backups, walRanges, replaced, trouble, List.copyOf(found));
        }
    }

    /**
     * What was found in one repository.
     *
     * @param trouble what could not be looked into; then nothing was forgotten of it; null if all could
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record InRepository(
            String repository, int backups, @Nullable String trouble) {}

    /** The id of a system's refresh; one at a time. */
    static String workflowId(String system) {
        return "index/" + system;
    }
}

package dev.muster.workflows.recording;

import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/**
 * Keeps one entry of a schedule's log in the catalogue beside the scheduled run, which never waits for it. It ends when
 * the entry is kept, however long the catalogue was away, or at once where there is no catalogue.
 */
@WorkflowInterface
public interface ScheduleRecorder {
    @WorkflowMethod(name = "ScheduleRecorder")
    void record(ScheduledTime time);

    /**
     * The id of the recorder of an entry. Not made from the scheduled run's workflow id, which an exported history does
     * not have.
     *
     * @param schedule its full name
     * @param time which of its times: a ULID
     * @param entry which of the time's entries
     */
    static String workflowId(String schedule, String time, String entry) {
        return "record/schedule/" + schedule + "/" + time + "/" + entry;
    }
}

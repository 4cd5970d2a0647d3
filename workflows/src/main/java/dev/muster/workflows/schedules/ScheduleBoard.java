package dev.muster.workflows.schedules;

import dev.muster.runbooks.yaml.ScheduleFiles.LoadedSchedule;
import java.time.Instant;
import java.util.List;

/**
 * The schedules on the Temporal server that Muster made; no other is shown or touched. A schedule is named in full,
 * {@code <system>/<name>}. All methods throw {@link SchedulesException}.
 */
public interface ScheduleBoard {
    /** All, by name, each with its newest run. */
    List<ScheduleStatus> list();

    /** Those of one system. */
    List<ScheduleStatus> list(String system);

    /** One, with its last runs. */
    ScheduleStatus find(String name);

    /**
     * What applying these schedules would do, and where the server differs from them. A schedule on the server for one
     * of their systems that is not among them is told as {@link ScheduleChange.Kind#UNMANAGED}.
     *
     * @param deleteUnmanaged whether those are to be deleted, and told as {@link ScheduleChange.Kind#DELETE}
     */
    List<ScheduleChange> plan(List<LoadedSchedule> wanted, boolean deleteUnmanaged);

    /**
     * Makes the server's schedules like these. A schedule that was paused by hand stays paused. One that the server
     * refuses does not keep the others from it; somebody else's under the same name refuses all, before anything is
     * done.
     *
     * @param deleteUnmanaged whether those that are not among them are deleted; their runs go on
     */
    List<ScheduleChange> apply(List<LoadedSchedule> wanted, boolean deleteUnmanaged);

    /** @param note why, by whom, until when; 1 to 500 characters */
    void pause(String name, String note);

    void resume(String name, String note);

    /** Starts a run now, also of a paused schedule. */
    void trigger(String name);

    /**
     * Starts the runs of past times now, one after the other.
     *
     * @param from inclusive
     * @param to exclusive, in the past
     * @return the times, at least one
     */
    List<Instant> backfill(String name, Instant from, Instant to);

    /** Ends the schedule; runs that it started go on. */
    void delete(String name);
}

package dev.muster.catalog;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The log of what schedules did. */
public final class ScheduleExecutions {
    private final Database database;

    ScheduleExecutions(Database database) {
        this.database = database;
    }

    /** Keeps what became of a due time; what was decided later about the same one replaces it. */
    public void record(ScheduleExecution execution) {
        database.with(handle -> handle.createUpdate("""
                        insert into record.schedule_execution (schedule, due, at, outcome, run_id, detail)
                        values (:schedule, :due, :at, :outcome, :runId, :detail)
                        on conflict (schedule, due) do update set at = excluded.at, outcome = excluded.outcome,
                            run_id = excluded.run_id, detail = excluded.detail
                        where schedule_execution.at <= excluded.at
                        """)
                .bind("schedule", Columns.storable(execution.schedule()))
                .bind("due", Columns.of(execution.due()))
                .bind("at", Columns.of(execution.at()))
                .bind("outcome", execution.outcome())
                .bind("runId", execution.runId())
                .bind("detail", Columns.storable(execution.detail()))
                .execute());
    }

    /**
     * Newest due time first.
     *
     * @param before only due times before this one: the last of the page before; null for the first page
     * @param limit 1 to 500
     */
    public List<ScheduleExecution> list(String schedule, @Nullable Instant before, int limit) {
        int rows = PagePosition.limit(limit);
        return database.with(handle -> handle.createQuery("select * from record.schedule_execution"
                        + " where schedule = :schedule and due < coalesce(:before, 'infinity'::timestamptz)"
                        + " order by due desc limit :rows")
                .bind("schedule", Columns.storable(schedule))
                .bind("before", Columns.ofNullable(before))
                .bind("rows", rows)
                .map((row, context) -> new ScheduleExecution(
                        Columns.text(row, "schedule"),
                        Columns.time(row, "due"),
                        Columns.time(row, "at"),
                        Columns.text(row, "outcome"),
                        Columns.textOrNull(row, "run_id"),
                        Columns.text(row, "detail")))
                .list());
    }
}

package dev.muster.catalog;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/** The records of runs. */
public final class RunRecords {
    private static final String WITHOUT_REPORT = "run_id, workflow_id, system, scenario, requester, dry_run,"
            + " runbook_hash, plan_hash, state, verdict, summary, waiting_for_role, started, ended, revision, schedule";

    private static final Pattern RUN_ID = Pattern.compile("[0-9A-HJKMNP-TV-Z]{26}");
    private static final Pattern POSITION = Pattern.compile("-?\\d{1,18} [0-9A-HJKMNP-TV-Z]{26}");

    private final Database database;

    RunRecords(Database database) {
        this.database = database;
    }

    /** Keeps the run, but for its steps and approvals. As {@link #upsert(RunRecord, List, List)}. */
    public boolean upsert(RunRecord run) {
        return upsert(run, List.of(), List.of());
    }

    /**
     * Keeps the run with all its steps and approvals so far, unless the same or a higher revision is kept already.
     *
     * @return whether it was kept
     */
    public boolean upsert(RunRecord run, List<StepRecord> steps, List<ApprovalRecord> approvals) {
        return database.inTransaction(handle -> {
            if (!write(handle, run)) {
                return false;
            }
            handle.execute("delete from record.run_step where run_id = ?", run.runId());
            handle.execute("delete from record.approval where run_id = ?", run.runId());
            writeSteps(handle, run.runId(), steps);
            writeApprovals(handle, run.runId(), approvals);
            return true;
        });
    }

    /** One statement decides, so that of two writers the higher revision stays, whoever comes last. */
    private static boolean write(Handle handle, RunRecord run) {
        return handle.createUpdate("""
                                insert into record.run (run_id, workflow_id, system, scenario, requester, dry_run,
                                    runbook_hash, plan_hash, state, verdict, summary, waiting_for_role, started, ended,
                                    revision, report, schedule)
                                values (:runId, :workflowId, :system, :scenario, :requester, :dryRun,
                                    :runbookHash, :planHash, :state, :verdict, :summary, :waitingForRole, :started,
                                    :ended, :revision, :report, :schedule)
                                on conflict (run_id) do update set
                                    workflow_id = excluded.workflow_id, system = excluded.system,
                                    scenario = excluded.scenario, requester = excluded.requester,
                                    dry_run = excluded.dry_run,
                                    runbook_hash = coalesce(excluded.runbook_hash, run.runbook_hash),
                                    plan_hash = excluded.plan_hash, state = excluded.state,
                                    verdict = excluded.verdict, summary = excluded.summary,
                                    waiting_for_role = excluded.waiting_for_role, started = excluded.started,
                                    ended = excluded.ended, revision = excluded.revision, report = excluded.report,
                                    schedule = coalesce(excluded.schedule, run.schedule)
                                where run.revision < excluded.revision
                                """)
                        .bind("runId", run.runId())
                        .bind("workflowId", Columns.storable(run.workflowId()))
                        .bind("system", Columns.storable(run.system()))
                        .bind("scenario", Columns.storable(run.scenario()))
                        .bind("requester", Columns.storable(run.requester()))
                        .bind("dryRun", run.dryRun())
                        .bind("runbookHash", run.runbookHash())
                        .bind("planHash", run.planHash())
                        .bind("state", run.state())
                        .bind("verdict", run.verdict())
                        .bind("summary", Columns.storableOrNull(run.summary()))
                        .bind("waitingForRole", Columns.storableOrNull(run.waitingForRole()))
                        .bind("started", Columns.of(run.started()))
                        .bind("ended", Columns.ofNullable(run.ended()))
                        .bind("revision", run.revision())
                        .bind("report", Columns.storableOrNull(run.reportJson()))
                        .bind("schedule", Columns.storableOrNull(run.schedule()))
                        .execute()
                == 1;
    }

    private static void writeSteps(Handle handle, String runId, List<StepRecord> steps) {
        if (steps.isEmpty()) {
            return;
        }
        PreparedBatch batch = handle.prepareBatch(
                "insert into record.run_step (run_id, position, step_id, title, place, state, started, ended, detail)"
                        + " values (:runId, :position, :stepId, :title, :place, :state, :started, :ended, :detail)");
        for (int position = 0; position < steps.size(); position++) {
            StepRecord step = steps.get(position);
            batch.bind("runId", runId)
                    .bind("position", position)
                    .bind("stepId", Columns.storable(step.stepId()))
                    .bind("title", Columns.storable(step.title()))
                    .bind("place", Columns.storable(step.place()))
                    .bind("state", step.state())
                    .bind("started", Columns.of(step.started()))
                    .bind("ended", Columns.ofNullable(step.ended()))
                    .bind("detail", Columns.storable(step.detail()))
                    .add();
        }
        batch.execute();
    }

    private static void writeApprovals(Handle handle, String runId, List<ApprovalRecord> approvals) {
        if (approvals.isEmpty()) {
            return;
        }
        PreparedBatch batch =
                handle.prepareBatch("insert into record.approval (run_id, position, accepted, code, approver, message,"
                        + " at) values (:runId, :position, :accepted, :code, :approver, :message, :at)");
        for (int position = 0; position < approvals.size(); position++) {
            ApprovalRecord approval = approvals.get(position);
            batch.bind("runId", runId)
                    .bind("position", position)
                    .bind("accepted", approval.accepted())
                    .bind("code", approval.code())
                    .bind("approver", Columns.storable(approval.approver()))
                    .bind("message", Columns.storable(approval.message()))
                    .bind("at", Columns.of(approval.at()))
                    .add();
        }
        batch.execute();
    }

    /** The run with its report; empty too if the text is no run's id at all. */
    public Optional<RunRecord> find(String runId) {
        if (!RUN_ID.matcher(runId).matches()) {
            return Optional.empty();
        }
        return database.with(handle -> handle.createQuery(
                        "select " + WITHOUT_REPORT + ", report from record.run where run_id = :runId")
                .bind("runId", runId)
                .map((row, context) -> run(row, Columns.textOrNull(row, "report")))
                .findOne());
    }

    /**
     * A page of runs, newest first by the time they started, without their reports. Runs that start meanwhile move no
     * row from one page to another.
     *
     * @param cursor {@link RunPage#next} of the page before; null for the first page
     * @param limit 1 to 500
     * @throws CatalogException CURSOR_INVALID
     */
    public RunPage list(RunFilter filter, @Nullable String cursor, int limit) {
        int rows = PagePosition.limit(limit);
        StringBuilder sql = new StringBuilder("select " + WITHOUT_REPORT + " from record.run where true");
        Map<String, Object> values = new LinkedHashMap<>();
        equal(sql, values, "system", filter.system());
        equal(sql, values, "scenario", filter.scenario());
        equal(sql, values, "state", filter.state());
        equal(sql, values, "verdict", filter.verdict());
        equal(sql, values, "requester", filter.requester());
        equal(sql, values, "schedule", filter.schedule());
        if (filter.from() != null) {
            sql.append(" and started >= :from");
            values.put("from", Columns.of(filter.from()));
        }
        if (filter.to() != null) {
            sql.append(" and started < :to");
            values.put("to", Columns.of(filter.to()));
        }
        if (cursor != null) {
            String[] position = PagePosition.read(cursor, POSITION).split(" ", 2);
            sql.append(" and (started, run_id) < (:afterStarted, :afterRunId)");
            values.put("afterStarted", Columns.of(Instant.EPOCH.plus(Long.parseLong(position[0]), ChronoUnit.MICROS)));
            values.put("afterRunId", position[1]);
        }
        sql.append(" order by started desc, run_id desc limit :rows");
        List<RunRecord> found = database.with(handle -> {
            Query query = handle.createQuery(sql.toString()).bind("rows", rows + 1);
            values.forEach(query::bind);
            return query.map((row, context) -> run(row, null)).list();
        });
        if (found.size() <= rows) {
            return new RunPage(found, null);
        }
        RunRecord last = found.get(rows - 1);
        return new RunPage(
                found.subList(0, rows),
                PagePosition.write(ChronoUnit.MICROS.between(Instant.EPOCH, last.started()) + " " + last.runId()));
    }

    private static void equal(StringBuilder sql, Map<String, Object> values, String column, @Nullable String wanted) {
        if (wanted != null) {
            sql.append(" and ").append(column).append(" = :").append(column);
            values.put(column, wanted);
        }
    }

    private static RunRecord run(ResultSet row, @Nullable String report) throws SQLException {
        return new RunRecord(
                Columns.text(row, "run_id"),
                Columns.text(row, "workflow_id"),
                Columns.text(row, "system"),
                Columns.text(row, "scenario"),
                Columns.text(row, "requester"),
                row.getBoolean("dry_run"),
                Columns.textOrNull(row, "runbook_hash"),
                Columns.textOrNull(row, "plan_hash"),
                Columns.text(row, "state"),
                Columns.textOrNull(row, "verdict"),
                Columns.textOrNull(row, "summary"),
                Columns.textOrNull(row, "waiting_for_role"),
                Columns.time(row, "started"),
                Columns.timeOrNull(row, "ended"),
                row.getLong("revision"),
                report,
                Columns.textOrNull(row, "schedule"));
    }

    /** In the order in which they began. */
    public List<StepRecord> steps(String runId) {
        return rows(
                runId,
                "select step_id, title, place, state, started, ended, detail from record.run_step",
                row -> new StepRecord(
                        Columns.text(row, "step_id"),
                        Columns.text(row, "title"),
                        Columns.text(row, "place"),
                        Columns.text(row, "state"),
                        Columns.time(row, "started"),
                        Columns.timeOrNull(row, "ended"),
                        Columns.text(row, "detail")));
    }

    /** In the order in which they were presented, refused ones too. */
    public List<ApprovalRecord> approvals(String runId) {
        return rows(
                runId,
                "select accepted, code, approver, message, at from record.approval",
                row -> new ApprovalRecord(
                        row.getBoolean("accepted"),
                        Columns.text(row, "code"),
                        Columns.text(row, "approver"),
                        Columns.text(row, "message"),
                        Columns.time(row, "at")));
    }

    /** One row as a record. */
    private interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    private <T> List<T> rows(String runId, String select, Row<T> mapper) {
        if (!RUN_ID.matcher(runId).matches()) {
            return List.of();
        }
        return database.with(handle ->
                new ArrayList<>(handle.createQuery(select + " where run_id = :runId order by position limit 10000")
                        .bind("runId", runId)
                        .map((row, context) -> mapper.read(row))
                        .list()));
    }
}

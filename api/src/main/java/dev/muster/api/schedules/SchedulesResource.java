package dev.muster.api.schedules;

import dev.muster.api.access.AccessFilter;
import dev.muster.api.access.Needs;
import dev.muster.api.intake.Texts;
import dev.muster.api.openapi.Answers;
import dev.muster.api.problem.ApiException;
import dev.muster.catalog.Catalog;
import dev.muster.catalog.Role;
import dev.muster.runbooks.Name;
import dev.muster.runbooks.yaml.ScheduleFiles;
import dev.muster.runbooks.yaml.ScheduleFiles.LoadedSchedule;
import dev.muster.runbooks.yaml.SourceText;
import dev.muster.workflows.run.RunRequest;
import dev.muster.workflows.schedules.ScheduleBoard;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Schedules: what the server has, its changes, and the log of what came of their times. */
@Path("/v1/schedules")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "schedules")
public final class SchedulesResource {
    private static final String NAME = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$";
    private static final int PAGE = 50;
    private static final int LARGEST_PAGE = 500;
    private static final int MOST_FILES = 200;
    private static final int LONGEST_FILE_NAME = 200;
    /** With the name of who says it before it, it fits into the server's. */
    private static final int LONGEST_NOTE = 290;

    private static final int LONGEST_TIME = 60;

    private final ScheduleBoard board;
    private final Catalog catalog;

    public SchedulesResource(ScheduleBoard board, Catalog catalog) {
        this.board = board;
        this.catalog = catalog;
    }

    /** Schedules. */
    @Schema(name = "ScheduleList", description = "Schedules, by name")
    record ScheduleList(List<ScheduleView> schedules) {}

    /** Why something is done. */
    @Schema(name = "ScheduleNote", description = "Why a schedule is paused or resumed")
    record Note(
            @Schema(
                    description = "Why, and until when; kept with the name of who said it",
                    maxLength = LONGEST_NOTE,
                    requiredMode = Schema.RequiredMode.REQUIRED)
            @Nullable String note) {}

    /** Which past times. */
    @Schema(name = "Backfill", description = "The past times whose runs are started")
    record Backfill(
            @Schema(
                    description = "Inclusive, with its zone",
                    example = "2026-11-21T03:00:00Z",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            @Nullable String from,

            @Schema(
                    description = "Exclusive, with its zone; not in the future",
                    example = "2026-11-21T09:00:00Z",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            @Nullable String to) {}

    /** A file's text. */
    @Schema(name = "ScheduleFile", description = "The text of a file with schedules, runbooks or systems")
    record File(
            @Schema(
                    description = "Its name, in which problems are told",
                    maxLength = LONGEST_FILE_NAME,
                    requiredMode = Schema.RequiredMode.REQUIRED)
            @Nullable String name,

            @Schema(description = "YAML", requiredMode = Schema.RequiredMode.REQUIRED) @Nullable String text) {}

    /** What there should be. */
    @Schema(name = "ApplySchedules", description = "What schedules there should be")
    record Apply(
            @Schema(
                    description = "The schedules, the runbooks of one's own that they name, and their systems",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            @Nullable List<@Nullable File> files,

            @Schema(description = "Whether to say only what would be done") @Nullable Boolean dryRun,

            @Schema(description = "Whether schedules of these systems that the files do not have are deleted") @Nullable Boolean deleteUnmanaged) {}

    /** What was done. */
    @Schema(name = "ScheduleDone", description = "What was done to a schedule")
    record Done(
            @Schema(description = "In full: <system>/<name>")
            String schedule,

            @Schema(description = "paused, resumed, triggered, backfilled")
            String done,

            @Schema(description = "Whose runs are started, one after the other; of a backfill only") @Nullable List<Instant> times) {}

    @GET
    @Needs(Role.VIEWER)
    @Operation(operationId = "listSchedules", summary = "The schedules on the Temporal server, each with its last run")
    @Answers(value = ScheduleList.class, refusals = 409)
    public ScheduleList listSchedules(
            @Parameter(description = "Only this system's", schema = @Schema(pattern = NAME))
                    @QueryParam("system")
                    @Nullable String system) {
        if (system != null && !Name.possible(system)) {
            throw Texts.parameter("system", "'" + Texts.shortened(system) + "' is no name of a system.");
        }
        return new ScheduleList((system == null ? board.list() : board.list(system))
                .stream().map(ScheduleView::of).toList());
    }

    @PUT
    @Consumes(MediaType.APPLICATION_JSON)
    @Needs(Role.OPERATOR)
    @Operation(
            operationId = "applySchedules",
            summary = "Make the server's schedules like those in files, and say where they differed")
    @Answers(value = AppliedView.class, refusals = 409)
    public AppliedView applySchedules(@Nullable Apply request) {
        Apply asked = Texts.required("body", request);
        List<LoadedSchedule> wanted = ScheduleFiles.read(sources(Texts.required("files", asked.files())));
        boolean delete = Boolean.TRUE.equals(asked.deleteUnmanaged());
        boolean dryRun = Boolean.TRUE.equals(asked.dryRun());
        return AppliedView.of(dryRun, dryRun ? board.plan(wanted, delete) : board.apply(wanted, delete));
    }

    private static List<SourceText> sources(List<@Nullable File> files) {
        if (files.isEmpty() || files.size() > MOST_FILES) {
            throw Texts.invalid("files", "has 1 to " + MOST_FILES + " files.");
        }
        List<SourceText> sources = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            String at = "files[" + i + "]";
            File file = Texts.required(at, files.get(i));
            sources.add(new SourceText(
                    Texts.required(at + ".name", file.name(), LONGEST_FILE_NAME),
                    Texts.required(at + ".text", file.text(), RunRequest.LONGEST_FILE)));
        }
        return sources;
    }

    @GET
    @Path("/{system}/{name}")
    @Needs(Role.VIEWER)
    @Operation(operationId = "showSchedule", summary = "A schedule with its last runs")
    @Answers(
            value = ScheduleView.class,
            refusals = {404, 409})
    public ScheduleView showSchedule(
            @Parameter(schema = @Schema(pattern = NAME)) @PathParam("system") String system,
            @Parameter(schema = @Schema(pattern = NAME)) @PathParam("name") String name) {
        return ScheduleView.of(board.find(full(system, name)));
    }

    @GET
    @Path("/{system}/{name}/executions")
    @Needs(Role.VIEWER)
    @Operation(
            operationId = "listScheduleExecutions",
            summary = "What became of a schedule's times, newest first, from the catalogue")
    @Answers(value = ExecutionsView.class, refusals = 404)
    public ExecutionsView listScheduleExecutions(
            @Parameter(schema = @Schema(pattern = NAME)) @PathParam("system") String system,
            @Parameter(schema = @Schema(pattern = NAME)) @PathParam("name") String name,
            @Parameter(
                            description = "Only times before this one; next of the page before",
                            schema = @Schema(type = "string", format = "date-time"))
                    @QueryParam("before")
                    @Nullable String before,
            @Parameter(schema = @Schema(type = "integer", minimum = "1", maximum = "500", defaultValue = "50"))
                    @QueryParam("limit")
                    @Nullable String limit) {
        String schedule = full(system, name);
        int most = Texts.limit(limit, PAGE, LARGEST_PAGE);
        return ExecutionsView.of(
                schedule, catalog.scheduleExecutions().list(schedule, Texts.time("before", before), most), most);
    }

    @POST
    @Path("/{system}/{name}/pause")
    @Consumes(MediaType.APPLICATION_JSON)
    @Needs(Role.OPERATOR)
    @Operation(operationId = "pauseSchedule", summary = "Start no more runs; those under way go on")
    @Answers(
            value = Done.class,
            refusals = {404, 409})
    public Done pauseSchedule(
            @Context ContainerRequestContext context,
            @Parameter(schema = @Schema(pattern = NAME)) @PathParam("system") String system,
            @Parameter(schema = @Schema(pattern = NAME)) @PathParam("name") String name,
            @Nullable Note request) {
        String schedule = full(system, name);
        board.pause(schedule, note(context, request));
        return new Done(schedule, "paused", null);
    }

    @POST
    @Path("/{system}/{name}/resume")
    @Consumes(MediaType.APPLICATION_JSON)
    @Needs(Role.OPERATOR)
    @Operation(operationId = "resumeSchedule", summary = "Start runs again")
    @Answers(
            value = Done.class,
            refusals = {404, 409})
    public Done resumeSchedule(
            @Context ContainerRequestContext context,
            @Parameter(schema = @Schema(pattern = NAME)) @PathParam("system") String system,
            @Parameter(schema = @Schema(pattern = NAME)) @PathParam("name") String name,
            @Nullable Note request) {
        String schedule = full(system, name);
        board.resume(schedule, note(context, request));
        return new Done(schedule, "resumed", null);
    }

    /** Temporal would only know that the API did it. */
    private static String note(ContainerRequestContext context, @Nullable Note request) {
        String note = Texts.required("note", Texts.required("body", request).note(), LONGEST_NOTE);
        return AccessFilter.caller(context).subject() + ": " + note;
    }

    @POST
    @Path("/{system}/{name}/trigger")
    @Needs(Role.OPERATOR)
    @Operation(operationId = "triggerSchedule", summary = "Start a run now, also of a paused schedule")
    @Answers(
            value = Done.class,
            refusals = {404, 409})
    public Done triggerSchedule(
            @Parameter(schema = @Schema(pattern = NAME)) @PathParam("system") String system,
            @Parameter(schema = @Schema(pattern = NAME)) @PathParam("name") String name) {
        String schedule = full(system, name);
        board.trigger(schedule);
        return new Done(schedule, "triggered", null);
    }

    @POST
    @Path("/{system}/{name}/backfill")
    @Consumes(MediaType.APPLICATION_JSON)
    @Needs(Role.OPERATOR)
    @Operation(
            operationId = "backfillSchedule",
            summary = "Start the runs of past times now, one after the other; at most 50")
    @Answers(
            value = Done.class,
            refusals = {404, 409})
    public Done backfillSchedule(
            @Parameter(schema = @Schema(pattern = NAME)) @PathParam("system") String system,
            @Parameter(schema = @Schema(pattern = NAME)) @PathParam("name") String name,
            @Nullable Backfill request) {
        String schedule = full(system, name);
        Backfill asked = Texts.required("body", request);
        Instant from = Texts.moment("from", Texts.required("from", asked.from(), LONGEST_TIME));
        Instant to = Texts.moment("to", Texts.required("to", asked.to(), LONGEST_TIME));
        return new Done(schedule, "backfilled", board.backfill(schedule, from, to));
    }

    private static String full(String system, String name) {
        if (!Name.possible(system) || !Name.possible(name)) {
            throw new ApiException(
                    404,
                    "SCHEDULE_NOT_FOUND",
                    "There is no schedule '" + Texts.shortened(system + "/" + name) + "'.",
                    "Its full name is <system>/<name>: GET /v1/schedules has them all.");
        }
        return system + "/" + name;
    }
}

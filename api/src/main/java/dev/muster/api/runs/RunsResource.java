package dev.muster.api.runs;

import dev.muster.api.access.AccessFilter;
import dev.muster.api.access.Needs;
import dev.muster.api.intake.Texts;
import dev.muster.api.live.LiveRuns;
import dev.muster.api.openapi.Answers;
import dev.muster.api.problem.ApiException;
import dev.muster.catalog.Catalog;
import dev.muster.catalog.Role;
import dev.muster.catalog.RunFilter;
import dev.muster.catalog.RunPage;
import dev.muster.catalog.RunRecord;
import dev.muster.runbooks.RunbookException;
import dev.muster.runbooks.Scenario;
import dev.muster.runbooks.plan.PlanText;
import dev.muster.runbooks.plan.StoredPlan;
import dev.muster.workflows.approval.IssuerKeys;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunStatus;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Runs: starting, listing, following, approving. */
@Path("/v1/runs")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "runs")
public final class RunsResource {
    static final String RUN_ID = "[0-9A-HJKMNP-TV-Z]{26}";
    private static final int PAGE = 50;
    private static final int LARGEST_PAGE = 500;
    private static final int LONGEST_FILTER = 200;

    private final Catalog catalog;
    private final LiveRuns live;
    private final RunReading runs;
    private final RunStart start;
    private final Approvals approvals;
    private final EventStreams events;

    public RunsResource(
            Catalog catalog, LiveRuns live, RunStart start, IssuerKeys keys, EventStreams events, Clock clock) {
        this.catalog = catalog;
        this.live = live;
        this.runs = new RunReading(catalog, live);
        this.start = start;
        this.approvals = new Approvals(runs, live, keys, clock);
        this.events = events;
    }

    /** A page of runs. */
    @Schema(name = "RunPage", description = "A page of runs, newest first")
    public record Page(
            List<RunView> runs,

            @Schema(description = "The cursor of the next page; absent at the end") @Nullable String next) {}

    /** Steps and approvals in the order of time. */
    @Schema(name = "Timeline", description = "What happened in a run, in the order of time")
    public record Timeline(RunView run, List<TimelineEntry> entries) {}

    /** The approvals of a run. */
    @Schema(name = "Approvals", description = "The approvals that were presented to a run")
    public record ApprovalList(
            @Schema(description = "Whom it waits for; absent when it waits for nobody")
            RunView.@Nullable Waiting waiting,

            List<ApprovalView> approvals) {}

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Needs(Role.OPERATOR)
    @Operation(operationId = "startRun", summary = "Start a run, or with a repeated Idempotency-Key find it")
    @Answers(
            value = RunView.class,
            status = 201,
            description = "Started",
            repeated = true,
            refusals = {404, 409, 422})
    public Response startRun(
            @Context ContainerRequestContext context,
            @Parameter(
                            description = "New for each new request, the same for its repeats",
                            required = true,
                            schema = @Schema(pattern = "^[!-~]{1,128}$"))
                    @HeaderParam("Idempotency-Key")
                    @Nullable String key,
            RunStart.@Nullable Request request) {
        RunStart.Request asked = Texts.required("body", request);
        return start.answer(key, asked, Boolean.TRUE.equals(asked.dryRun()), AccessFilter.caller(context));
    }

    @GET
    @Needs(Role.VIEWER)
    @Operation(operationId = "listRuns", summary = "List runs, newest first")
    @Answers(Page.class)
    public Page listRuns(
            @Parameter(schema = @Schema(type = "string", minLength = 1, maxLength = LONGEST_FILTER))
                    @QueryParam("system")
                    @Nullable String system,
            @Parameter(schema = @Schema(implementation = Scenario.class)) @QueryParam("scenario") @Nullable String scenario,
            @Parameter(schema = @Schema(implementation = RunStatus.State.class)) @QueryParam("state") @Nullable String state,
            @Parameter(schema = @Schema(implementation = RunReport.Verdict.class)) @QueryParam("verdict") @Nullable String verdict,
            @Parameter(schema = @Schema(type = "string", minLength = 1, maxLength = LONGEST_FILTER))
                    @QueryParam("requester")
                    @Nullable String requester,
            @Parameter(schema = @Schema(type = "string", minLength = 1, maxLength = LONGEST_FILTER))
                    @QueryParam("schedule")
                    @Nullable String schedule,
            @Parameter(
                            description = "Started at this time or later",
                            schema = @Schema(type = "string", format = "date-time"))
                    @QueryParam("from")
                    @Nullable String from,
            @Parameter(
                            description = "Started before this time",
                            schema = @Schema(type = "string", format = "date-time"))
                    @QueryParam("to")
                    @Nullable String to,
            @Parameter(description = "next of the page before") @QueryParam("cursor") @Nullable String cursor,
            @Parameter(schema = @Schema(type = "integer", minimum = "1", maximum = "500", defaultValue = "50"))
                    @QueryParam("limit")
                    @Nullable String limit) {
        RunFilter filter = new RunFilter(
                Texts.filter("system", system, LONGEST_FILTER),
                oneOf(
                        "scenario",
                        scenario,
                        Arrays.stream(Scenario.values()).map(Scenario::id).toList()),
                oneOf("state", state, names(RunStatus.State.values())),
                oneOf("verdict", verdict, names(RunReport.Verdict.values())),
                Texts.filter("requester", requester, LONGEST_FILTER),
                Texts.filter("schedule", schedule, LONGEST_FILTER),
                Texts.time("from", from),
                Texts.time("to", to));
        RunPage page = catalog.runs().list(filter, cursor, Texts.limit(limit, PAGE, LARGEST_PAGE));
        return new Page(page.runs().stream().map(RunView::of).toList(), page.next());
    }

    private static List<String> names(Enum<?>[] values) {
        return Arrays.stream(values).map(Enum::name).toList();
    }

    private static @Nullable String oneOf(String name, @Nullable String value, List<String> words) {
        return Texts.word(name, value, words::contains, words.stream().collect(Collectors.joining(", ")));
    }

    @GET
    @Path("/{run}")
    @Needs(Role.VIEWER)
    @Operation(operationId = "describeRun", summary = "A run with its steps, approvals and report")
    @Answers(value = RunSnapshot.class, refusals = 404)
    public RunSnapshot describeRun(
            @Parameter(schema = @Schema(pattern = "^" + RUN_ID + "$")) @PathParam("run") String run) {
        return runs.snapshot(run);
    }

    @GET
    @Path("/{run}/plan")
    @Needs(Role.VIEWER)
    @Operation(operationId = "showPlan", summary = "The plan that a run waits with or was carried out by")
    @Answers(value = PlanView.class, refusals = 404)
    public PlanView showPlan(@Parameter(schema = @Schema(pattern = "^" + RUN_ID + "$")) @PathParam("run") String run) {
        RunRecord found = runs.record(run);
        Optional<RunStatus> status = runs.status(found);
        String hash = status.map(RunStatus::planHash).orElse(found.planHash());
        if (hash == null) {
            throw planMissing(run, "has no plan yet");
        }
        String text = catalog.documents()
                .find(hash)
                .or(() -> status.flatMap(answering -> live.plan(found.workflowId())))
                .orElseThrow(() -> planMissing(run, "does not answer, and its plan is not recorded yet"));
        // Read back by its hash, so that what is shown is what an approval of that hash approves.
        try {
            return new PlanView(hash, PlanText.render(StoredPlan.read(text, hash)), text);
        } catch (RunbookException e) {
            throw planMissing(run, "is just making a new plan").because(e);
        }
    }

    private static ApiException planMissing(String run, String why) {
        return new ApiException(
                404,
                "PLAN_MISSING",
                "The run " + run + " " + why + ".",
                "Ask again in a moment; GET /v1/runs/" + run + " says where the run is.");
    }

    @GET
    @Path("/{run}/timeline")
    @Needs(Role.VIEWER)
    @Operation(operationId = "showTimeline", summary = "What happened in a run, in the order of time")
    @Answers(value = Timeline.class, refusals = 404)
    public Timeline showTimeline(
            @Parameter(schema = @Schema(pattern = "^" + RUN_ID + "$")) @PathParam("run") String run) {
        RunSnapshot snapshot = runs.snapshot(run);
        return new Timeline(snapshot.run(), TimelineEntry.of(snapshot));
    }

    @GET
    @Path("/{run}/events")
    @Produces(MediaType.SERVER_SENT_EVENTS)
    @Needs(Role.VIEWER)
    @Operation(
            operationId = "followRun",
            summary = "A run's events until it ends: step, state, waiting, approval, end (server-sent events)")
    @Answers(value = String.class, mediaType = MediaType.SERVER_SENT_EVENTS, refusals = 404)
    public Response followRun(
            @Parameter(schema = @Schema(pattern = "^" + RUN_ID + "$")) @PathParam("run") String run,
            @Parameter(description = "The id of the last event that was received: only what came later is sent")
                    @HeaderParam("Last-Event-ID")
                    @Nullable String lastEvent) {
        return Response.ok(events.follow(runs, run, RunEvent.Seen.of(lastEvent)), MediaType.SERVER_SENT_EVENTS_TYPE)
                .header("Cache-Control", "no-store")
                .header("X-Accel-Buffering", "no")
                .build();
    }

    @GET
    @Path("/{run}/approvals")
    @Needs(Role.VIEWER)
    @Operation(operationId = "listApprovals", summary = "The approvals that were presented to a run, refused ones too")
    @Answers(value = ApprovalList.class, refusals = 404)
    public ApprovalList listApprovals(
            @Parameter(schema = @Schema(pattern = "^" + RUN_ID + "$")) @PathParam("run") String run) {
        RunSnapshot snapshot = runs.snapshot(run);
        return new ApprovalList(snapshot.run().waiting(), snapshot.approvals());
    }

    @POST
    @Path("/{run}/approvals")
    @Consumes(MediaType.APPLICATION_JSON)
    @Needs(Role.APPROVER)
    @Operation(operationId = "approveRun", summary = "Approve the plan that a run waits with")
    @Answers(
            value = ApprovalView.class,
            status = 201,
            description = "The approval counts",
            refusals = {404, 409})
    public Response approveRun(
            @Context ContainerRequestContext context,
            @Parameter(schema = @Schema(pattern = "^" + RUN_ID + "$")) @PathParam("run") String run,
            Approvals.@Nullable Request request) {
        ApprovalView accepted = approvals.approve(run, Texts.required("body", request), AccessFilter.caller(context));
        return Response.status(Response.Status.CREATED).entity(accepted).build();
    }
}

package dev.muster.api.systems;

import dev.muster.api.access.AccessFilter;
import dev.muster.api.access.Needs;
import dev.muster.api.intake.Texts;
import dev.muster.api.openapi.Answers;
import dev.muster.api.problem.ApiException;
import dev.muster.catalog.Catalog;
import dev.muster.catalog.IndexedWalRange;
import dev.muster.catalog.RepositoryIndex;
import dev.muster.catalog.Role;
import dev.muster.catalog.SourceIndex;
import dev.muster.catalog.SystemRecord;
import dev.muster.catalog.SystemSummary;
import dev.muster.runbooks.yaml.RunbookFiles;
import dev.muster.runbooks.yaml.SourceText;
import dev.muster.workflows.recording.RefreshStarter;
import dev.muster.workflows.run.RunRequest;
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
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Systems, their backups, and the points that they can be brought back to. */
@Path("/v1/systems")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "systems")
public final class SystemsResource {
    private static final String BACKUP = "^[0-9A-HJKMNP-TV-Z]{26}$";
    private static final String NAME = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$";

    private final Catalog catalog;
    private final RefreshStarter refreshes;

    public SystemsResource(Catalog catalog, RefreshStarter refreshes) {
        this.catalog = catalog;
        this.refreshes = refreshes;
    }

    /** A system in a list. */
    @Schema(name = "SystemSummary", description = "A system in a list")
    public record Summary(
            String name,
            @Schema(description = "SHA-256 of its YAML") String version,
            String changedBy,
            Instant changedAt) {
        static Summary of(SystemSummary system) {
            return new Summary(system.name(), system.version(), system.changedBy(), system.changedAt());
        }
    }

    /** All systems. */
    @Schema(name = "SystemList", description = "All systems, by name")
    public record SystemList(List<Summary> systems) {}

    /** A system. */
    @Schema(name = "System", description = "A system's description as it stands")
    public record SystemView(
            String name,
            @Schema(description = "SHA-256 of its YAML") String version,
            String yaml,
            String changedBy,
            Instant changedAt) {
        static SystemView of(SystemRecord system) {
            return new SystemView(
                    system.name(), system.version(), system.yaml(), system.changedBy(), system.changedAt());
        }
    }

    /** A system's new description. */
    @Schema(name = "PutSystem", description = "A system's new description")
    public record PutSystem(
            @Schema(
                    description = "One document with kind: System, whose name is the path's",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            @Nullable String yaml) {}

    /** WAL without a gap. */
    @Schema(name = "WalRange", description = "Stored WAL of one timeline without a gap, end exclusive")
    public record WalRange(String database, int timeline, String fromLsn, String toLsn) {}

    /** When a store was looked into. */
    @Schema(name = "Observation", description = "When a database's store was looked into")
    public record Observation(
            String database,
            Instant observedAt,

            @Schema(description = "The newest commit in the stored WAL; absent if not known") @Nullable Instant walEndTime) {
        static Observation of(SourceIndex index) {
            return new Observation(index.database(), index.observedAt(), index.walEndTime());
        }
    }

    /** What lies in the stores. */
    @Schema(name = "Backups", description = "What lies in the stores for a system, when they were last looked into")
    public record Backups(
            List<Observation> observed,

            @Schema(
                    description =
                            "All that any repository was seen to hold, by database, newest first; copies says which"
                                    + " do")
            List<StoredBackups.BackupView> backups,

            List<WalRange> walRanges,

            @Schema(description = "By database and name; those that were ever looked into")
            List<StoredBackups.RepositoryLook> repositories) {}

    /** To which points one can go. */
    @Schema(name = "RecoveryPoints", description = "To which points a system's databases can be brought back")
    public record Points(List<Observation> observed, List<RecoveryPoints.Interval> intervals) {}

    /** A look into the stores. */
    @Schema(name = "Refresh", description = "A look into a system's stores")
    public record Refresh(
            @Schema(description = "In Temporal", example = "index/orders")
            String workflowId) {}

    @GET
    @Needs(Role.VIEWER)
    @Operation(operationId = "listSystems", summary = "List all systems")
    @Answers(SystemList.class)
    public SystemList listSystems() {
        return new SystemList(catalog.systems().list().stream().map(Summary::of).toList());
    }

    @GET
    @Path("/{system}")
    @Needs(Role.VIEWER)
    @Operation(operationId = "showSystem", summary = "A system's description")
    @Answers(value = SystemView.class, refusals = 404)
    public SystemView showSystem(@Parameter(schema = @Schema(pattern = NAME)) @PathParam("system") String system) {
        return SystemView.of(find(system));
    }

    @PUT
    @Path("/{system}")
    @Consumes(MediaType.APPLICATION_JSON)
    @Needs(Role.OPERATOR)
    @Operation(operationId = "putSystem", summary = "Make or change a system's description")
    @Answers(SystemView.class)
    public SystemView putSystem(
            @Context ContainerRequestContext context,
            @Parameter(schema = @Schema(pattern = NAME)) @PathParam("system") String system,
            @Nullable PutSystem request) {
        String yaml = Texts.required("yaml", Texts.required("body", request).yaml(), RunRequest.LONGEST_FILE);
        RunbookFiles.Loaded loaded =
                RunbookFiles.read(List.of(new SourceText("system " + Texts.shortened(system), yaml)));
        if (loaded.systems().size() != 1
                || !loaded.runbooks().isEmpty()
                || !loaded.systems().get(0).system().name().equals(system)) {
            throw new ApiException(
                            400,
                            "SYSTEM_NAME_DIFFERS",
                            "The text is not the one document of a system with the name '" + Texts.shortened(system)
                                    + "'.",
                            "Put one document with kind: System, and metadata.name as in the path.")
                    .at("yaml");
        }
        catalog.systems().put(system, yaml, AccessFilter.caller(context).subject());
        return SystemView.of(find(system));
    }

    @GET
    @Path("/{system}/backups")
    @Needs(Role.VIEWER)
    @Operation(operationId = "listBackups", summary = "The backups and WAL of a system, as the stores last showed them")
    @Answers(value = Backups.class, refusals = 404)
    public Backups listBackups(@Parameter(schema = @Schema(pattern = NAME)) @PathParam("system") String system) {
        find(system);
        List<SourceIndex> indexes = catalog.index().of(system);
        List<RepositoryIndex> copies = catalog.copies().of(system);
        return new Backups(
                indexes.stream().map(Observation::of).toList(),
                StoredBackups.of(catalog, system, indexes, copies),
                indexes.stream()
                        .flatMap(index -> index.walRanges().stream().map(range -> range(index.database(), range)))
                        .toList(),
                copies.stream().map(StoredBackups.RepositoryLook::of).toList());
    }

    @GET
    @Path("/{system}/backups/{backup}")
    @Needs(Role.VIEWER)
    @Operation(operationId = "showBackup", summary = "One backup: where it is, and what was proved of it there")
    @Answers(value = StoredBackups.BackupView.class, refusals = 404)
    public StoredBackups.BackupView showBackup(
            @Parameter(schema = @Schema(pattern = NAME)) @PathParam("system") String system,
            @Parameter(schema = @Schema(pattern = BACKUP)) @PathParam("backup") String backup) {
        find(system);
        return StoredBackups.of(
                        catalog,
                        system,
                        catalog.index().of(system),
                        catalog.copies().of(system))
                .stream()
                .filter(found -> found.id().equals(backup))
                .findFirst()
                .orElseThrow(() -> new ApiException(
                        404,
                        "BACKUP_NOT_FOUND",
                        "No backup " + Texts.shortened(backup) + " of " + system + " is known.",
                        "GET /v1/systems/" + system + "/backups lists them. If it is newer than the last look into the"
                                + " stores, POST /v1/systems/" + system + "/index."));
    }

    private static WalRange range(String database, IndexedWalRange range) {
        return new WalRange(database, range.timeline(), range.fromLsn(), range.toLsn());
    }

    @GET
    @Path("/{system}/points")
    @Needs(Role.VIEWER)
    @Operation(operationId = "listPoints", summary = "To which points a system's databases can be brought back")
    @Answers(value = Points.class, refusals = 404)
    public Points listPoints(@Parameter(schema = @Schema(pattern = NAME)) @PathParam("system") String system) {
        find(system);
        List<SourceIndex> indexes = catalog.index().of(system);
        return new Points(
                indexes.stream().map(Observation::of).toList(),
                indexes.stream()
                        .flatMap(index -> RecoveryPoints.of(index).stream())
                        .toList());
    }

    @POST
    @Path("/{system}/index")
    @Needs(Role.OPERATOR)
    @Operation(
            operationId = "refreshIndex",
            summary = "Look into a system's stores now; the answer does not wait for it")
    @Answers(value = Refresh.class, status = 202, description = "Begun, or under way already", refusals = 404)
    public Response refreshIndex(
            @Context ContainerRequestContext context,
            @Parameter(schema = @Schema(pattern = NAME)) @PathParam("system") String system) {
        SystemRecord found = find(system);
        String workflowId = refreshes
                .start(
                        found.name(),
                        new RunRequest.SourceFile("system " + found.name(), found.yaml()),
                        AccessFilter.caller(context).subject(),
                        false)
                .getExecution()
                .getWorkflowId();
        return Response.accepted(new Refresh(workflowId)).build();
    }

    private SystemRecord find(String system) {
        return Optional.of(system)
                .filter(name -> name.matches(NAME))
                .flatMap(catalog.systems()::find)
                .orElseThrow(() -> new ApiException(
                        404,
                        "SYSTEM_NOT_FOUND",
                        "There is no system '" + Texts.shortened(system) + "'.",
                        "GET /v1/systems lists them; PUT /v1/systems/NAME makes one."));
    }
}

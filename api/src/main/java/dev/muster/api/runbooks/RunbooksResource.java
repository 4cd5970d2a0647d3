package dev.muster.api.runbooks;

import dev.muster.api.access.Needs;
import dev.muster.api.intake.Texts;
import dev.muster.api.openapi.Answers;
import dev.muster.api.problem.ApiException;
import dev.muster.api.problem.Problem;
import dev.muster.catalog.Catalog;
import dev.muster.catalog.Role;
import dev.muster.runbooks.RunbookException;
import dev.muster.runbooks.yaml.RunbookFiles;
import dev.muster.runbooks.yaml.ShippedRunbooks;
import dev.muster.runbooks.yaml.SourceText;
import dev.muster.workflows.run.RunRequest;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Shipped runbooks, and the validation of others. */
@Path("/v1/runbooks")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "runbooks")
public final class RunbooksResource {
    private static final int LONGEST_NAME = 200;

    private final Catalog catalog;

    public RunbooksResource(Catalog catalog) {
        this.catalog = catalog;
    }

    /** A shipped runbook. */
    @Schema(name = "Runbook", description = "A runbook that comes with the program")
    public record RunbookView(
            @Schema(description = "What a run is started with", example = "shipped:restore-test")
            String name,

            String yaml) {}

    /** The shipped runbooks. */
    @Schema(name = "RunbookList", description = "The runbooks that come with the program")
    public record RunbookList(List<RunbookView> runbooks) {}

    /** What is validated. */
    @Schema(name = "ValidateRunbook", description = "What is validated")
    public record Validate(
            @Schema(
                    description = "shipped:NAME, or YAML: a runbook, or a system, or both",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            @Nullable String runbook,

            @Schema(description = "The name of a system that the runbook is for, if its text does not hold it")
            @Nullable String system) {}

    /** What was found. */
    @Schema(name = "Validation", description = "What was found")
    public record Validation(
            boolean valid,
            List<Problem.FileProblem> problems,

            @Schema(description = "What refuses nothing and should be known")
            List<Problem.FileProblem> warnings) {}

    @GET
    @Needs(Role.VIEWER)
    @Operation(operationId = "listRunbooks", summary = "The runbooks that come with the program")
    @Answers(RunbookList.class)
    public RunbookList listRunbooks() {
        return new RunbookList(ShippedRunbooks.names().stream()
                .map(ShippedRunbooks::source)
                .map(source -> new RunbookView(source.file(), source.text()))
                .toList());
    }

    @POST
    @Path("/validate")
    @Consumes(MediaType.APPLICATION_JSON)
    @Needs(Role.VIEWER)
    @Operation(operationId = "validateRunbook", summary = "Every problem of a runbook or system; starts nothing")
    @Answers(
            value = Validation.class,
            refusals = {404, 422})
    public Validation validateRunbook(@Nullable Validate request) {
        Validate asked = Texts.required("body", request);
        String text = Texts.required("runbook", asked.runbook(), RunRequest.LONGEST_FILE);
        List<SourceText> sources = new ArrayList<>();
        try {
            sources.add(
                    text.startsWith(ShippedRunbooks.PREFIX)
                            ? ShippedRunbooks.source(text.substring(ShippedRunbooks.PREFIX.length()))
                            : new SourceText("runbook", text));
            String system = asked.system();
            if (system != null) {
                sources.add(system(Texts.required("system", system, LONGEST_NAME)));
            }
            RunbookFiles.Loaded loaded = RunbookFiles.read(sources);
            return new Validation(
                    true,
                    List.of(),
                    loaded.systems().stream()
                            .flatMap(found -> found.warnings().stream())
                            .map(Problem.FileProblem::of)
                            .toList());
        } catch (RunbookException e) {
            return new Validation(
                    false, e.problems().stream().map(Problem.FileProblem::of).toList(), List.of());
        }
    }

    private SourceText system(String name) {
        return catalog.systems()
                .find(name)
                .map(found -> new SourceText("system " + found.name(), found.yaml()))
                .orElseThrow(() -> new ApiException(
                                404,
                                "SYSTEM_NOT_FOUND",
                                "There is no system '" + Texts.shortened(name) + "'.",
                                "GET /v1/systems lists them; PUT /v1/systems/NAME makes one.")
                        .at("system"));
    }
}

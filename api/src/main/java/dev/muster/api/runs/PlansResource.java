package dev.muster.api.runs;

import dev.muster.api.access.AccessFilter;
import dev.muster.api.access.Needs;
import dev.muster.api.intake.Texts;
import dev.muster.api.openapi.Answers;
import dev.muster.catalog.Role;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.jspecify.annotations.Nullable;

/** What a runbook would do: a run that ends once its plan is made. */
@Path("/v1/runbooks/plan")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "runbooks")
public final class PlansResource {
    private final RunStart start;

    public PlansResource(RunStart start) {
        this.start = start;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Needs(Role.OPERATOR)
    @Operation(operationId = "planRunbook", summary = "Start a run that ends once its plan is made; touches nothing")
    @Answers(
            value = RunView.class,
            status = 201,
            description = "Started",
            repeated = true,
            refusals = {404, 409, 422})
    public Response planRunbook(
            @Context ContainerRequestContext context,
            @Parameter(
                            description = "New for each new request, the same for its repeats",
                            required = true,
                            schema = @Schema(pattern = "^[!-~]{1,128}$"))
                    @HeaderParam("Idempotency-Key")
                    @Nullable String key,
            RunStart.@Nullable Request request) {
        RunStart.Request asked = Texts.required("body", request);
        if (Boolean.FALSE.equals(asked.dryRun())) {
            throw Texts.invalid("dryRun", "is false, and a plan is a dry run.");
        }
        return start.answer(key, asked, true, AccessFilter.caller(context));
    }
}

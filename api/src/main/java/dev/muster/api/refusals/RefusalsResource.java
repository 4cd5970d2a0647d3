package dev.muster.api.refusals;

import dev.muster.api.access.AccessFilter;
import dev.muster.api.access.Needs;
import dev.muster.api.intake.Texts;
import dev.muster.api.openapi.Answers;
import dev.muster.catalog.Catalog;
import dev.muster.catalog.Identity;
import dev.muster.catalog.Refusal;
import dev.muster.catalog.RefusalPage;
import dev.muster.catalog.Role;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was refused, and who calls. */
@Path("/v1")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "access")
public final class RefusalsResource {
    private static final int PAGE = 50;
    private static final int LARGEST_PAGE = 500;

    private final Catalog catalog;

    public RefusalsResource(Catalog catalog) {
        this.catalog = catalog;
    }

    /** Something that was asked for and not allowed. */
    @Schema(name = "Refusal", description = "Something that was asked for and not allowed")
    public record RefusalView(
            Instant at,

            @Schema(description = "Empty if nobody was recognised")
            String who,

            @Schema(description = "What was tried", example = "POST /v1/runs")
            String action,

            @Schema(description = "On what, such as a run's id; may be empty")
            String target,

            String code,
            String message) {
        static RefusalView of(Refusal refusal) {
            return new RefusalView(
                    refusal.at(), refusal.who(), refusal.action(), refusal.target(), refusal.code(), refusal.message());
        }
    }

    /** A page of refusals. */
    @Schema(name = "RefusalPage", description = "A page of refusals, newest first")
    public record Page(
            List<RefusalView> refusals,

            @Schema(description = "The cursor of the next page; absent at the end") @Nullable String next) {}

    /** Who calls. */
    @Schema(name = "Caller", description = "Whom the token belongs to")
    public record Caller(
            String subject,

            @Schema(description = "viewer, operator, approver")
            List<String> roles,

            @Schema(description = "The token's id, without its secret")
            String token) {}

    @GET
    @Path("/refusals")
    @Needs(Role.VIEWER)
    @Operation(operationId = "listRefusals", summary = "What was refused, newest first")
    @Answers(Page.class)
    public Page listRefusals(
            @Parameter(description = "next of the page before") @QueryParam("cursor") @Nullable String cursor,
            @Parameter(schema = @Schema(type = "integer", minimum = "1", maximum = "500", defaultValue = "50"))
                    @QueryParam("limit")
                    @Nullable String limit) {
        RefusalPage page = catalog.refusals().list(cursor, Texts.limit(limit, PAGE, LARGEST_PAGE));
        return new Page(page.refusals().stream().map(RefusalView::of).toList(), page.next());
    }

    @GET
    @Path("/me")
    @Needs(Role.VIEWER)
    @Operation(operationId = "showCaller", summary = "Whom the token belongs to")
    @Answers(Caller.class)
    public Caller showCaller(@Context ContainerRequestContext context) {
        Identity caller = AccessFilter.caller(context);
        return new Caller(
                caller.subject(), caller.roles().stream().map(Role::id).sorted().toList(), caller.tokenId());
    }
}

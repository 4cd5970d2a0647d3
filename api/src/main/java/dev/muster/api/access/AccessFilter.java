package dev.muster.api.access;

import dev.muster.api.problem.ApiException;
import dev.muster.catalog.ApiTokens;
import dev.muster.catalog.Identity;
import jakarta.annotation.Priority;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.core.HttpHeaders;
import java.lang.reflect.Method;
import java.util.Optional;
import org.glassfish.jersey.server.ContainerRequest;
import org.glassfish.jersey.server.model.Invocable;

/** Lets a request pass if its token's bearer has the role that the resource needs. */
@Priority(Priorities.AUTHENTICATION)
public final class AccessFilter implements ContainerRequestFilter {
    private static final String SCHEME = "Bearer ";
    private static final String CALLER = "muster.caller";

    private final ApiTokens tokens;

    public AccessFilter(ApiTokens tokens) {
        this.tokens = tokens;
    }

    @Override
    public void filter(ContainerRequestContext request) {
        Optional<Method> method = method(request);
        if (method.isEmpty() || method.get().isAnnotationPresent(PermitAll.class)) {
            // Without a method it is Jersey's own answer to OPTIONS, which says nothing but the methods.
            return;
        }
        Identity caller = authenticate(request);
        request.setProperty(CALLER, caller);
        Needs needs = method.get().getAnnotation(Needs.class);
        if (needs == null || !caller.has(needs.value())) {
            throw new ApiException(
                    403,
                    "ROLE_MISSING",
                    caller.subject() + " does not have the role "
                            + (needs == null ? "" : needs.value().id()) + ", which this needs.",
                    "Ask somebody with the role, or whoever administers tokens for one with it.");
        }
    }

    /** Who calls; only where a method needs a role. */
    public static Identity caller(ContainerRequestContext request) {
        if (request.getProperty(CALLER) instanceof Identity caller) {
            return caller;
        }
        throw new IllegalStateException("The request has not passed the access filter");
    }

    static Optional<Identity> knownCaller(ContainerRequestContext request) {
        return request.getProperty(CALLER) instanceof Identity caller ? Optional.of(caller) : Optional.empty();
    }

    private Identity authenticate(ContainerRequestContext request) {
        String header = request.getHeaderString(HttpHeaders.AUTHORIZATION);
        if (header == null || !header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            throw new ApiException(
                    401,
                    "TOKEN_MISSING",
                    "The request carries no token.",
                    "Send Authorization: Bearer mst_..., a token made by: muster token create NAME --role ROLE.");
        }
        return tokens.authenticate(header.substring(SCHEME.length()).strip())
                .orElseThrow(() -> new ApiException(
                        401,
                        "TOKEN_INVALID",
                        "The token is unknown, has run out or was revoked.",
                        "Is it whole, and made for this installation? muster token list shows which there are."));
    }

    private static Optional<Method> method(ContainerRequestContext request) {
        if (request instanceof ContainerRequest jersey) {
            return Optional.ofNullable(jersey.getUriInfo().getMatchedResourceMethod())
                    .map(matched -> matched.getInvocable())
                    .map(Invocable::getDefinitionMethod)
                    .filter(found -> found.getDeclaringClass().getName().startsWith("dev.muster."));
        }
        throw new IllegalStateException("Not Jersey's request");
    }
}

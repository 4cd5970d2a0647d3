package dev.muster.api.intake;

import dev.muster.api.problem.ApiException;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.glassfish.jersey.server.ContainerRequest;
import org.glassfish.jersey.server.model.ResourceMethod;

/**
 * Refuses query parameters that a method does not know or that are given twice: a filter with a typing error would
 * otherwise list everything.
 */
public final class KnownParameters implements ContainerRequestFilter {
    @Override
    public void filter(ContainerRequestContext request) {
        if (!(request instanceof ContainerRequest jersey)) {
            throw new IllegalStateException("Not Jersey's request");
        }
        ResourceMethod matched = jersey.getUriInfo().getMatchedResourceMethod();
        if (matched == null) {
            return;
        }
        Set<String> known = Arrays.stream(
                        matched.getInvocable().getDefinitionMethod().getParameters())
                .map(parameter -> parameter.getAnnotation(QueryParam.class))
                .filter(Objects::nonNull)
                .map(QueryParam::value)
                .collect(Collectors.toCollection(TreeSet::new));
        request.getUriInfo().getQueryParameters().forEach((name, values) -> {
            if (!known.contains(name)) {
                throw new ApiException(
                                400,
                                "PARAMETER_UNKNOWN",
                                "There is no parameter '" + Texts.shortened(name) + "' here.",
                                known.isEmpty()
                                        ? "This path takes no parameters."
                                        : "Known are: " + String.join(", ", known) + ".")
                        .at(Texts.shortened(name));
            }
            if (values.size() != 1) {
                throw new ApiException(
                                400,
                                "PARAMETER_INVALID",
                                "The parameter '" + name + "' is given " + values.size() + " times.",
                                "Give it once.")
                        .at(name);
            }
        });
    }
}

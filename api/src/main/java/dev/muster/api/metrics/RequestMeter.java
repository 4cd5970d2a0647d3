package dev.muster.api.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.container.PreMatching;
import java.time.Duration;
import org.glassfish.jersey.server.ContainerRequest;
import org.glassfish.jersey.server.model.ResourceMethod;

/** Measures requests by method, path template and status; until the answer begins, where it is a stream. */
@PreMatching
final class RequestMeter implements ContainerRequestFilter, ContainerResponseFilter {
    private static final String BEGUN = "muster.begun";

    private final MeterRegistry meters;

    RequestMeter(MeterRegistry meters) {
        this.meters = meters;
    }

    @Override
    public void filter(ContainerRequestContext request) {
        request.setProperty(BEGUN, System.nanoTime());
    }

    @Override
    public void filter(ContainerRequestContext request, ContainerResponseContext response) {
        if (!(request.getProperty(BEGUN) instanceof Long begun)) {
            return;
        }
        ResourceMethod matched =
                request instanceof ContainerRequest jersey ? jersey.getUriInfo().getMatchedResourceMethod() : null;
        Timer.builder("muster.api.requests")
                .description("Requests until the answer begins")
                // By the method's name and never by the path: paths that do not exist are without number.
                .tag(
                        "operation",
                        matched == null
                                ? "none"
                                : matched.getInvocable().getDefinitionMethod().getName())
                .tag("status", String.valueOf(response.getStatus()))
                .publishPercentileHistogram()
                .minimumExpectedValue(Duration.ofMillis(1))
                .maximumExpectedValue(Duration.ofSeconds(20))
                .register(meters)
                .record(Duration.ofNanos(System.nanoTime() - begun));
    }
}

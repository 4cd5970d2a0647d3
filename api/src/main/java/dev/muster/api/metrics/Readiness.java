package dev.muster.api.metrics;

import com.codahale.metrics.health.HealthCheck;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;

/**
 * Whether requests should be sent here: yes while the catalogue answers, because without it nobody is recognised. That
 * Temporal is away is no reason: reads go on.
 */
public final class Readiness extends HttpServlet {
    private final transient HealthCheck catalog;
    private final transient BooleanSupplier ending;

    public Readiness(HealthCheck catalog, BooleanSupplier ending) {
        this.catalog = catalog;
        this.ending = ending;
    }

    /** A check that passes if nothing is thrown; its words are the exception's. */
    public static HealthCheck check(Runnable passes) {
        return new HealthCheck() {
            @Override
            protected Result check() {
                try {
                    passes.run();
                    return Result.healthy();
                } catch (RuntimeException e) {
                    // Its words without the trace, which is nobody's business on a port without a token.
                    return Result.unhealthy(String.valueOf(e.getMessage()));
                }
            }
        };
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        boolean ready = !ending.getAsBoolean() && catalog.execute().isHealthy();
        response.setStatus(ready ? HttpServletResponse.SC_OK : HttpServletResponse.SC_SERVICE_UNAVAILABLE);
        response.setContentType("application/json");
        response.getOutputStream().write(("{\"ready\":" + ready + "}\n").getBytes(StandardCharsets.UTF_8));
    }
}

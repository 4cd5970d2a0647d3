package dev.muster.api.access;

import dev.muster.api.problem.Problem;
import dev.muster.catalog.CatalogException;
import dev.muster.catalog.Identity;
import dev.muster.catalog.Refusal;
import dev.muster.catalog.Refusals;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import java.time.Clock;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps every refusal: who was refused what, and why. Of requests without a valid token only so many a minute, so that
 * a flood of them fills no disk; the rest are counted.
 */
public final class RefusalLog implements ContainerResponseFilter {
    private static final Logger log = LoggerFactory.getLogger(RefusalLog.class);
    private static final int MOST_UNKNOWN_PER_MINUTE = 60;

    private final Refusals refusals;
    private final Clock clock;
    private final Counter kept;
    private final Counter lost;
    private final Counter beyondBound;
    private long minute;
    private int unknownInMinute;

    public RefusalLog(Refusals refusals, Clock clock, MeterRegistry metrics) {
        this.refusals = refusals;
        this.clock = clock;
        this.kept = counter(metrics, "kept");
        this.lost = counter(metrics, "lost");
        this.beyondBound = counter(metrics, "beyond_bound");
    }

    private static Counter counter(MeterRegistry metrics, String outcome) {
        return Counter.builder("muster.api.refusals")
                .description("Refused requests, by whether the refusal is kept in the catalogue")
                .tag("outcome", outcome)
                .register(metrics);
    }

    @Override
    public void filter(ContainerRequestContext request, ContainerResponseContext response) {
        if (response.getEntity() instanceof Problem problem && isRefusal(problem)) {
            keep(request, problem);
        }
    }

    private static boolean isRefusal(Problem problem) {
        return problem.status() == 401
                || problem.status() == 403
                || problem.code().startsWith("APPROVAL_");
    }

    private void keep(ContainerRequestContext request, Problem problem) {
        Instant now = clock.instant();
        String path = request.getUriInfo().getPath();
        String who = AccessFilter.knownCaller(request).map(Identity::subject).orElse("");
        log.info("Refused {} {} to '{}': {}", request.getMethod(), path, who, problem.code());
        if (who.isEmpty() && !withinBound(now)) {
            beyondBound.increment();
            return;
        }
        try {
            refusals.add(new Refusal(
                    now,
                    who,
                    request.getMethod() + " /" + path,
                    request.getUriInfo().getPathParameters().values().stream()
                            .flatMap(java.util.Collection::stream)
                            .findFirst()
                            .orElse(""),
                    problem.code(),
                    problem.detail()));
            kept.increment();
        } catch (CatalogException e) {
            // The answer stays a refusal whatever becomes of its record.
            lost.increment();
            log.error("A refusal could not be kept: {} {} by '{}', {}", request.getMethod(), path, who, problem, e);
        }
    }

    private synchronized boolean withinBound(Instant now) {
        long current = now.getEpochSecond() / 60;
        if (current != minute) {
            minute = current;
            unknownInMinute = 0;
        }
        return ++unknownInMinute <= MOST_UNKNOWN_PER_MINUTE;
    }
}

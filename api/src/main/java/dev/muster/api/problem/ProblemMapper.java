package dev.muster.api.problem;

import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers every error of the resources, and of Jersey on its way to them, as a problem. */
public final class ProblemMapper implements ExceptionMapper<Throwable> {
    private static final Logger log = LoggerFactory.getLogger(ProblemMapper.class);

    @Override
    public Response toResponse(Throwable error) {
        ApiException told = Translation.of(error).orElseGet(() -> {
            log.error("A request met a fault", error);
            return Translation.unexpected(500);
        });
        if (told.status() == 503) {
            log.warn("{}: {}", told.code(), told.message(), told.getCause());
        }
        Response.ResponseBuilder answer =
                Response.status(told.status()).entity(told.problem()).type(Problem.MEDIA_TYPE);
        if (told.status() == 401) {
            answer.header(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
        }
        if (told.status() == 503) {
            answer.header(HttpHeaders.RETRY_AFTER, "2");
        }
        if (error instanceof WebApplicationException http) {
            String allow = http.getResponse().getHeaderString(HttpHeaders.ALLOW);
            if (allow != null) {
                answer.header(HttpHeaders.ALLOW, allow);
            }
        }
        return answer.build();
    }
}

package dev.muster.api.openapi;

import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import java.util.Set;

/** Serves the API's own description. */
@Path("/v1/openapi.yaml")
public final class OpenApiResource {
    private static final String MEDIA_TYPE = "application/yaml";

    private final String document;

    private OpenApiResource(String document) {
        this.document = document;
    }

    /** @param resources the classes that are described */
    public static OpenApiResource of(Set<Class<?>> resources) {
        return new OpenApiResource(OpenApiDocument.yaml(resources));
    }

    @GET
    @Produces(MEDIA_TYPE)
    @PermitAll
    public String document() {
        return document;
    }
}

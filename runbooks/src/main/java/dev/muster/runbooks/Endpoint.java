package dev.muster.runbooks;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.muster.runbooks.SystemDescription.Connection;
import java.net.URI;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A public way into a system: what its clients use, and so what is probed and verified. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Endpoint.Sql.class, name = "sql"),
    @JsonSubTypes.Type(value = Endpoint.Http.class, name = "http")
})
public sealed interface Endpoint {
    String name();

    /** The database that answers behind it. */
    Optional<String> behind();

    /**
     * PostgreSQL's protocol.
     *
     * @param database the name of the database of this system that answers
     * @param sql how clients connect
     */
    record Sql(String name, String database, Connection sql) implements Endpoint {
        public Sql {
            Name.check("endpoint", name);
        }

        @Override
        public Optional<String> behind() {
            return Optional.of(database);
        }
    }

    /**
     * HTTP.
     *
     * @param database the name of the database of this system that the service needs; null if none
     * @param url http or https, without credentials
     * @param expect the status of a healthy answer, 100 to 599
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Http(String name, @Nullable String database, URI url, int expect) implements Endpoint {
        public static final int DEFAULT_STATUS = 200;

        public Http {
            Name.check("endpoint", name);
        }

        @Override
        public Optional<String> behind() {
            return Optional.ofNullable(database);
        }
    }
}

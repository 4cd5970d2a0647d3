package dev.muster.postgres.lease;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How etcd is reached.
 *
 * @param endpoints one for each voter, tried in turn
 * @param credentials empty where etcd asks for none
 * @param tls for https endpoints; empty for what the Java runtime trusts
 * @param exchange bound of one exchange with one endpoint
 */
public record EtcdSettings(
        List<URI> endpoints, Optional<Credentials> credentials, Optional<EtcdTls> tls, Duration exchange) {
    public EtcdSettings {
        endpoints = List.copyOf(endpoints);
        if (endpoints.isEmpty()) {
            throw new IllegalArgumentException("etcd has no endpoint");
        }
        for (URI endpoint : endpoints) {
            if (endpoint.getHost() == null
                    || !("http".equals(endpoint.getScheme()) || "https".equals(endpoint.getScheme()))) {
                throw new IllegalArgumentException("Not an endpoint of etcd: " + endpoint);
            }
        }
    }

    /** Already resolved from where they are kept; no text of this object shows the password. */
    public record Credentials(String user, String password) {
        @Override
        public String toString() {
            return user;
        }
    }
}

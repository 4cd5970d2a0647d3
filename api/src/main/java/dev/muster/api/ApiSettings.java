package dev.muster.api;

import dev.muster.catalog.CatalogSettings;
import java.nio.file.Path;

/**
 * What the API's process is told.
 *
 * @param bind where requests are taken
 * @param admin where health, readiness and metrics are shown
 * @param keys the folder of the private keys that approvals are signed with
 */
public record ApiSettings(Address bind, Address admin, CatalogSettings catalog, Path keys) {
    /**
     * Where a port is opened.
     *
     * @param host a name or address of this machine
     * @param port 0 for a free one
     */
    public record Address(String host, int port) {
        /** @throws IllegalArgumentException if it is not HOST:PORT */
        public static Address parse(String text) {
            int colon = text.lastIndexOf(':');
            String digits = text.substring(colon + 1);
            if (colon < 1 || !digits.matches("\\d{1,5}") || Integer.parseInt(digits) > 65_535) {
                throw new IllegalArgumentException("Not HOST:PORT: '" + text + "'");
            }
            String host = text.substring(0, colon);
            return new Address(
                    host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host,
                    Integer.parseInt(digits));
        }
    }
}

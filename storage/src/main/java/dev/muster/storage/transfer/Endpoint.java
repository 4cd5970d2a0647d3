package dev.muster.storage.transfer;

import dev.muster.storage.StoreUrl;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Map;

/** Where a store's service answers, if a URL says so. */
public final class Endpoint {
    private Endpoint() {}

    /**
     * The setting {@code endpoint}, without a slash at its end.
     *
     * @throws dev.muster.storage.StoreException STORE_URL_INVALID if it is no http or https URL, or has room for a secret
     */
    public static String of(StoreUrl url, String byDefault) {
        String text = url.setting("endpoint").orElse(byDefault);
        try {
            URI uri = new URI(text);
            String scheme = String.valueOf(uri.getScheme());
            if ((scheme.equals("http") || scheme.equals("https"))
                    && uri.getHost() != null
                    && uri.getRawUserInfo() == null
                    && uri.getRawQuery() == null
                    && uri.getRawFragment() == null) {
                return text.replaceAll("/+$", "");
            }
        } catch (URISyntaxException e) {
            // Said below, without the text: it might hold a secret.
        }
        throw new StoreUrl(url.scheme(), url.place(), url.path(), Map.of())
                .invalid("the setting 'endpoint' is http:// or https://, a host and perhaps a port and a path");
    }
}

package dev.muster.storage;

import dev.muster.storage.local.LocalStore;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;

/** Opens stores by their URL. */
public final class Stores {
    private Stores() {}

    /**
     * @param url {@code file:///absolute/folder}; the folder must exist
     * @throws StoreException STORE_URL_INVALID, STORE_MISSING, STORE_DENIED
     */
    public static ObjectStore open(String url) {
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException e) {
            throw invalid(url, e.getReason());
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("file")) {
            throw invalid(url, "no driver for '" + scheme + "'");
        }
        boolean plain = uri.getPath() != null && uri.getQuery() == null && uri.getFragment() == null;
        boolean here = uri.getAuthority() == null;
        if (!plain || !here || !uri.getPath().startsWith("/")) {
            throw invalid(url, "a local store is an absolute folder of this machine");
        }
        try {
            return LocalStore.open(Path.of(uri.getPath()));
        } catch (InvalidPathException e) {
            throw invalid(url, e.getReason());
        }
    }

    private static StoreException invalid(String url, String why) {
        return new StoreException(
                "STORE_URL_INVALID",
                "Not a store's URL: '" + url + "': " + why + ".",
                "Write file:///absolute/folder, with %20 for a space.");
    }
}

package dev.muster.storage.gcs;

import com.google.api.client.http.HttpRequestInitializer;
import com.google.api.client.http.javanet.NetHttpTransport;
import com.google.api.client.json.gson.GsonFactory;
import com.google.api.services.storage.Storage;
import com.google.api.services.storage.StorageScopes;
import com.google.auth.http.HttpCredentialsAdapter;
import com.google.auth.oauth2.GoogleCredentials;
import dev.muster.storage.StoreException;
import dev.muster.storage.StoreUrl;
import dev.muster.storage.transfer.Endpoint;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The way to the service: where it is, who asks, and how long an answer is waited for. */
final class GcsAccess {
    private static final int CONNECT_TIMEOUT_MILLIS = 10_000;
    private static final int SILENCE_TIMEOUT_MILLIS = 60_000;

    /** Asked again only where an access token was refused, with a new one; all else is Attempts' matter. */
    private static final int RETRIES_WITH_NEW_TOKEN = 1;

    private GcsAccess() {}

    static Storage open(StoreUrl url) {
        String endpoint = Endpoint.of(url, "https://storage.googleapis.com");
        Optional<HttpRequestInitializer> credentials = credentials(url);
        HttpRequestInitializer initializer = request -> {
            if (credentials.isPresent()) {
                credentials.get().initialize(request);
            }
            request.setConnectTimeout(CONNECT_TIMEOUT_MILLIS);
            request.setReadTimeout(SILENCE_TIMEOUT_MILLIS);
            request.setWriteTimeout(SILENCE_TIMEOUT_MILLIS);
            request.setNumberOfRetries(RETRIES_WITH_NEW_TOKEN);
            request.setFollowRedirects(false);
        };
        return new Storage.Builder(new NetHttpTransport(), GsonFactory.getDefaultInstance(), initializer)
                .setRootUrl(endpoint + "/")
                .setApplicationName("muster")
                .build();
    }

    private static Optional<HttpRequestInitializer> credentials(StoreUrl url) {
        if (url.setting("credentials").filter("none"::equals).isPresent()) {
            return Optional.empty();
        }
        Optional<String> given = url.secret("credentials");
        try {
            GoogleCredentials credentials = given.isPresent()
                    ? GoogleCredentials.fromStream(
                            new ByteArrayInputStream(given.get().getBytes(StandardCharsets.UTF_8)))
                    : GoogleCredentials.getApplicationDefault();
            return Optional.of(
                    new HttpCredentialsAdapter(credentials.createScoped(StorageScopes.DEVSTORAGE_READ_WRITE)));
        } catch (IOException | IllegalArgumentException e) {
            throw new StoreException(
                    "STORE_DENIED",
                    given.isPresent()
                            ? "What the store's URL " + url + " refers to are no Google credentials."
                            : "There are no Google credentials for the store " + url + ".",
                    "Write credentials=file:/PATH of a service account's JSON file, or set"
                            + " GOOGLE_APPLICATION_CREDENTIALS, or run where a service account is attached.",
                    // What could not be parsed may hold the secret.
                    given.isPresent() ? new IOException(e.getClass().getName()) : e);
        }
    }
}

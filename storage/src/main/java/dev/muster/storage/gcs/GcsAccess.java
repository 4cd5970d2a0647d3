package dev.muster.storage.gcs;

import com.google.api.client.http.HttpRequestInitializer;
import com.google.api.client.http.javanet.NetHttpTransport;
import com.google.api.gax.retrying.RetrySettings;
import com.google.api.gax.rpc.FixedHeaderProvider;
import com.google.auth.Credentials;
import com.google.auth.oauth2.GoogleCredentials;
import com.google.cloud.NoCredentials;
import com.google.cloud.ServiceOptions;
import com.google.cloud.http.HttpTransportOptions;
import com.google.cloud.storage.HttpStorageOptions;
import com.google.cloud.storage.Storage;
import com.google.cloud.storage.StorageOptions;
import com.google.cloud.storage.spi.v1.HttpStorageRpc;
import dev.muster.storage.StoreException;
import dev.muster.storage.StoreUrl;
import dev.muster.storage.retry.Retries;
import dev.muster.storage.transfer.Endpoint;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * The way to the service: where it is, who asks, and how long an answer is waited for.
 *
 * @param single tries each request once: Retries repeats it
 * @param uploads tries each chunk as often as Retries would, since only the library knows how an upload goes on
 * @param reads the client below {@code single}, whose answers to reads have headers
 */
record GcsAccess(Storage single, Storage uploads, com.google.api.services.storage.Storage reads) {
    private static final int CONNECT_TIMEOUT_MILLIS = 10_000;
    private static final int SILENCE_TIMEOUT_MILLIS = 60_000;

    /** Asked again only where an access token was refused, with a new one. */
    private static final int RETRIES_WITH_NEW_TOKEN = 1;

    static GcsAccess open(StoreUrl url, Retries retries) {
        HttpStorageOptions once = StorageOptions.http()
                .setHost(Endpoint.of(url, "https://storage.googleapis.com"))
                // Of no use for objects; the library would ask the machine's metadata service for it.
                .setProjectId("muster")
                .setCredentials(credentials(url))
                .setTransportOptions(new Transport())
                .setHeaderProvider(FixedHeaderProvider.create("User-Agent", "muster"))
                .setRetrySettings(ServiceOptions.getNoRetrySettings())
                .build();
        HttpStorageOptions repeating =
                once.toBuilder().setRetrySettings(repeated(retries.limit())).build();
        return new GcsAccess(once.getService(), repeating.getService(), new HttpStorageRpc(once).getStorage());
    }

    private static RetrySettings repeated(int limit) {
        return RetrySettings.newBuilder()
                .setMaxAttempts(limit + 1)
                .setInitialRetryDelayDuration(Duration.ofMillis(200))
                .setRetryDelayMultiplier(2)
                .setMaxRetryDelayDuration(Duration.ofSeconds(20))
                .setTotalTimeoutDuration(Duration.ofHours(1))
                .build();
    }

    /** With time-outs, and without the ten tries that the HTTP library below makes for a redirect or a new token. */
    private static final class Transport extends HttpTransportOptions {
        Transport() {
            super(HttpTransportOptions.newBuilder()
                    .setHttpTransportFactory(NetHttpTransport::new)
                    .setConnectTimeout(CONNECT_TIMEOUT_MILLIS)
                    .setReadTimeout(SILENCE_TIMEOUT_MILLIS));
        }

        @Override
        public HttpRequestInitializer getHttpRequestInitializer(ServiceOptions<?, ?> options) {
            HttpRequestInitializer usual = super.getHttpRequestInitializer(options);
            return request -> {
                usual.initialize(request);
                request.setWriteTimeout(SILENCE_TIMEOUT_MILLIS);
                request.setNumberOfRetries(RETRIES_WITH_NEW_TOKEN);
                request.setFollowRedirects(false);
            };
        }
    }

    private static Credentials credentials(StoreUrl url) {
        if (url.setting("credentials").filter("none"::equals).isPresent()) {
            return NoCredentials.getInstance();
        }
        Optional<String> given = url.secret("credentials");
        try {
            // The library adds the scopes.
            return given.isPresent()
                    ? GoogleCredentials.fromStream(
                            new ByteArrayInputStream(given.get().getBytes(StandardCharsets.UTF_8)))
                    : GoogleCredentials.getApplicationDefault();
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

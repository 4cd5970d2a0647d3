package dev.muster.storage.s3;

import dev.muster.storage.StoreUrl;
import java.net.URI;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/** Makes the client of a store: the JDK's HTTP, no repetitions of its own, times bounded. */
final class S3Clients {
    /** For all clients: each would have threads of its own, and stores are opened often and never closed. */
    private static final ScheduledExecutorService TIMEOUTS = Executors.newScheduledThreadPool(2, task -> {
        Thread thread = new Thread(task, "s3-timeouts");
        thread.setDaemon(true);
        return thread;
    });

    private S3Clients() {}

    static S3Client open(S3Settings settings) {
        S3ClientBuilder client = S3Client.builder()
                .httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(settings.connectTimeout())
                        .socketTimeout(settings.readTimeout()))
                .credentialsProvider(credentials(settings.url()))
                .requestChecksumCalculation(
                        settings.checksums()
                                ? RequestChecksumCalculation.WHEN_SUPPORTED
                                : RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(
                        settings.checksums()
                                ? ResponseChecksumValidation.WHEN_SUPPORTED
                                : ResponseChecksumValidation.WHEN_REQUIRED)
                .overrideConfiguration(configuration -> configuration
                        .retryStrategy(AwsRetryStrategy.doNotRetry())
                        .scheduledExecutorService(TIMEOUTS)
                        .apiCallAttemptTimeout(settings.callTimeout()))
                // Servers that never say "100 Continue" would cost five seconds for each part.
                .serviceConfiguration(configuration ->
                        configuration.expectContinueEnabled(false).pathStyleAccessEnabled(settings.pathStyle()));
        settings.endpoint().ifPresent(client::endpointOverride);
        region(settings, client);
        try {
            return client.build();
        } catch (SdkClientException e) {
            // The region, from the environment or the instance, is all that is looked for here.
            throw settings.url().invalid("no region is known: set region= in it, or AWS_REGION");
        }
    }

    private static void region(S3Settings settings, S3ClientBuilder client) {
        if (settings.region().isPresent()) {
            client.region(Region.of(settings.region().get()));
        } else if (settings.endpoint().map(URI::getHost).isPresent()) {
            // What servers of others than Amazon take.
            client.region(Region.US_EAST_1);
        }
    }

    private static AwsCredentialsProvider credentials(StoreUrl url) {
        if (url.setting("access-key").isEmpty()) {
            return DefaultCredentialsProvider.builder().build();
        }
        read(url);
        // Read anew for each request: whoever renews them writes the file again.
        return () -> read(url);
    }

    private static AwsCredentials read(StoreUrl url) {
        String access = url.secret("access-key").orElseThrow();
        String secret = url.secret("secret-key").orElseThrow();
        return url.secret("session-token")
                .<AwsCredentials>map(token -> AwsSessionCredentials.create(access, secret, token))
                .orElseGet(() -> AwsBasicCredentials.create(access, secret));
    }
}

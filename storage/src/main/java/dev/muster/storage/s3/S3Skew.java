package dev.muster.storage.s3;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.SdkHttpResponse;

/** How far the server's clock is ahead of this machine's, as its answers say. Thread-safe. */
final class S3Skew {
    /** An answer's time has whole seconds, and was some time on its way. */
    private static final Duration USUAL = Duration.ofMinutes(1);

    private static final long MEASURED_EACH = TimeUnit.MINUTES.toNanos(10);

    private final S3Bucket bucket;
    private @Nullable Duration known;
    private long measured;

    S3Skew(S3Bucket bucket) {
        this.bucket = bucket;
    }

    /** What the server takes for now. */
    Instant now() {
        return Instant.now().plus(get());
    }

    synchronized Duration get() {
        if (known == null || System.nanoTime() - measured > MEASURED_EACH) {
            Duration skew = date().map(date -> Duration.between(Instant.now(), date))
                    .filter(one -> one.abs().compareTo(USUAL) > 0)
                    .orElse(Duration.ZERO);
            known = skew;
            measured = System.nanoTime();
        }
        return known;
    }

    /** A refusal tells the time as well. */
    private Optional<Instant> date() {
        SdkHttpResponse answer;
        try {
            answer = bucket.client
                    .headBucket(request -> request.bucket(bucket.name()))
                    .sdkHttpResponse();
        } catch (SdkException e) {
            if (!(e instanceof AwsServiceException refusal) || refusal.awsErrorDetails() == null) {
                throw S3Trouble.explain("ask for the clock of", "the bucket", bucket.url(), e);
            }
            answer = refusal.awsErrorDetails().sdkHttpResponse();
        }
        return Optional.ofNullable(answer)
                .flatMap(one -> one.firstMatchingHeader("Date"))
                .flatMap(S3Skew::parsed);
    }

    private static Optional<Instant> parsed(String text) {
        try {
            return Optional.of(ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant());
        } catch (DateTimeException e) {
            return Optional.empty(); // A server whose answers say nothing of its clock.
        }
    }
}

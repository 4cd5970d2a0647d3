package dev.muster.storage.s3;

import dev.muster.storage.ObjectKey;
import dev.muster.storage.ObjectLock;
import dev.muster.storage.ObjectMissingException;
import dev.muster.storage.ObjectTooShortException;
import dev.muster.storage.ObjectVersion;
import dev.muster.storage.StoreException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.DeleteMarkerEntry;
import software.amazon.awssdk.services.s3.model.ListObjectVersionsResponse;
import software.amazon.awssdk.services.s3.model.ObjectLockEnabled;
import software.amazon.awssdk.services.s3.model.ObjectLockMode;
import software.amazon.awssdk.services.s3.model.ObjectLockRetention;
import software.amazon.awssdk.services.s3.model.ObjectLockRetentionMode;

/** Object Lock of S3: retention of versions in a bucket that was made with it. */
final class S3Lock implements ObjectLock {
    /** Times have whole seconds: what was created and deleted within one is told apart by which is the latest. */
    private static final Comparator<ObjectVersion> ORDER = Comparator.comparing(ObjectVersion::key)
            .thenComparing(ObjectVersion::latest, Comparator.reverseOrder())
            .thenComparing(ObjectVersion::modified, Comparator.reverseOrder());

    private final S3Bucket bucket;
    private final ObjectLockMode mode;
    private final Duration time;
    private volatile boolean known;

    S3Lock(S3Bucket bucket, ObjectLockMode mode) {
        this.bucket = bucket;
        this.mode = mode;
        this.time = bucket.settings.retention().time().orElse(Duration.ZERO);
    }

    /**
     * Before the first object is created with a lock: some servers take locks for buckets that cannot keep them.
     *
     * @throws dev.muster.storage.StoreException STORE_UNSUPPORTED
     */
    void requireLocks() {
        if (known) {
            return;
        }
        try {
            if (bucket.client
                            .getObjectLockConfiguration(request -> request.bucket(bucket.name()))
                            .objectLockConfiguration()
                            .objectLockEnabled()
                    == ObjectLockEnabled.ENABLED) {
                known = true;
                return;
            }
        } catch (SdkException e) {
            if (!S3Trouble.code(e).equals("ObjectLockConfigurationNotFoundError")) {
                throw S3Trouble.explain("ask for the locks of", "the bucket", bucket.url(), e);
            }
        }
        throw new StoreException(
                "STORE_UNSUPPORTED",
                "The bucket of the store " + bucket.url()
                        + " was made without Object Lock, and the URL asks for locks.",
                "Use a bucket that was made with Object Lock, or leave lock and lock-days out of the URL.");
    }

    @Override
    public Optional<Instant> lockedUntil(String key) {
        return retention(ObjectKey.check(key), null).map(ObjectLockRetention::retainUntilDate);
    }

    @Override
    public Optional<Instant> lockedUntil(ObjectVersion version) {
        return retention(ObjectKey.check(version.key()), version.version()).map(ObjectLockRetention::retainUntilDate);
    }

    @Override
    public Duration skew() {
        return bucket.skew.get();
    }

    @Override
    public Duration time() {
        return time;
    }

    private Optional<ObjectLockRetention> retention(String key, @Nullable String version) {
        try {
            return Optional.ofNullable(bucket.client
                            .getObjectRetention(request -> request.bucket(bucket.name())
                                    .key(bucket.full(key))
                                    .versionId(version))
                            .retention())
                    .filter(found -> found.retainUntilDate() != null);
        } catch (SdkException e) {
            return switch (S3Trouble.code(e)) {
                case "NoSuchObjectLockConfiguration" -> Optional.empty();
                // A delete marker cannot be asked.
                case "NoSuchKey", "NoSuchVersion", "MethodNotAllowed" ->
                    throw new ObjectMissingException(bucket.url(), key);
                default -> throw S3Trouble.explain("ask for the lock of", key, bucket.url(), e);
            };
        }
    }

    @Override
    public void extend(String key, Instant until) {
        extend(ObjectKey.check(key), null, until);
    }

    @Override
    public void extend(ObjectVersion version, Instant until) {
        extend(ObjectKey.check(version.key()), version.version(), until);
    }

    private void extend(String key, @Nullable String version, Instant until) {
        Optional<ObjectLockRetention> now = retention(key, version);
        if (now.isPresent() && !now.get().retainUntilDate().isBefore(until)) {
            return;
        }
        ObjectLockRetentionMode kept = now.map(ObjectLockRetention::mode)
                .filter(ObjectLockRetentionMode.COMPLIANCE::equals)
                .orElse(ObjectLockRetentionMode.fromValue(mode.toString()));
        bucket.ask(
                "lock",
                key,
                () -> bucket.client.putObjectRetention(request -> request.bucket(bucket.name())
                        .key(bucket.full(key))
                        .versionId(version)
                        .retention(retention -> retention.mode(kept).retainUntilDate(until))));
    }

    @Override
    public void versions(String prefix, Consumer<ObjectVersion> each) {
        String from = bucket.full(ObjectKey.checkPrefix(prefix));
        String keyMarker = null;
        String versionMarker = null;
        boolean more = true;
        while (more) {
            String key = keyMarker;
            String version = versionMarker;
            ListObjectVersionsResponse page = bucket.retries.call(() -> bucket.ask(
                    "list the versions of",
                    prefix,
                    () -> bucket.client.listObjectVersions(request -> request.bucket(bucket.name())
                            .prefix(from)
                            .keyMarker(key)
                            .versionIdMarker(version))));
            tell(page, each);
            keyMarker = page.nextKeyMarker();
            versionMarker = page.nextVersionIdMarker();
            more = Boolean.TRUE.equals(page.isTruncated()) && keyMarker != null;
        }
    }

    private void tell(ListObjectVersionsResponse page, Consumer<ObjectVersion> each) {
        List<ObjectVersion> found = new ArrayList<>();
        for (software.amazon.awssdk.services.s3.model.ObjectVersion version : page.versions()) {
            found.add(new ObjectVersion(
                    key(version.key()),
                    version.versionId(),
                    false,
                    Boolean.TRUE.equals(version.isLatest()),
                    version.size(),
                    version.lastModified(),
                    Optional.ofNullable(version.eTag()).orElse("")));
        }
        for (DeleteMarkerEntry marker : page.deleteMarkers()) {
            found.add(new ObjectVersion(
                    key(marker.key()),
                    marker.versionId(),
                    true,
                    Boolean.TRUE.equals(marker.isLatest()),
                    0,
                    marker.lastModified(),
                    ""));
        }
        found.stream()
                .filter(version -> ObjectKey.valid(version.key()))
                .sorted(ORDER)
                .forEach(each);
    }

    private String key(String full) {
        return full.substring(bucket.settings.prefix().length());
    }

    @Override
    public InputStream open(ObjectVersion version) {
        return S3Read.whole(bucket, ObjectKey.check(version.key()), version.version());
    }

    @Override
    public InputStream open(ObjectVersion version, long offset, long length) {
        if (offset + length > version.size()) {
            throw new ObjectTooShortException(bucket.url(), version.key(), version.size(), offset, length);
        }
        return length == 0
                ? InputStream.nullInputStream()
                : S3Read.range(bucket, ObjectKey.check(version.key()), version.version(), offset, length);
    }
}

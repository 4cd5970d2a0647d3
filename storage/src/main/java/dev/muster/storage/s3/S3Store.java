package dev.muster.storage.s3;

import dev.muster.storage.ObjectInfo;
import dev.muster.storage.ObjectKey;
import dev.muster.storage.ObjectLock;
import dev.muster.storage.ObjectMissingException;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectTooShortException;
import dev.muster.storage.ObjectWriter;
import dev.muster.storage.Retention;
import dev.muster.storage.StoreException;
import dev.muster.storage.StoreUrl;
import dev.muster.storage.retry.Retries;
import java.io.InputStream;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Objects in a bucket, created only where there is none (If-None-Match), uploaded in parallel parts without a copy on
 * disk. Requests that a layer above can repeat are tried once; parts, pages, cut reads and commits are repeated here,
 * where that costs least.
 */
public final class S3Store implements ObjectStore {
    private final S3Bucket bucket;
    private final Optional<S3Lock> lock;

    private S3Store(S3Bucket bucket) {
        this.bucket = bucket;
        this.lock = bucket.settings.lockMode().map(mode -> new S3Lock(bucket, mode));
    }

    /**
     * Looks once whether the bucket is there and may be listed, so that a wrong URL fails before anything is done for it.
     *
     * @throws StoreException STORE_URL_INVALID, SECRET_MISSING, STORE_MISSING, STORE_DENIED, STORE_UNREACHABLE
     */
    public static S3Store open(StoreUrl url, Retries retries) {
        S3Store store = unasked(url, retries);
        S3Bucket bucket = store.bucket;
        retries.call(() -> bucket.ask(
                "look into",
                "the bucket",
                () -> bucket.client.listObjectsV2(request -> request.bucket(bucket.name())
                        .prefix(bucket.settings.prefix())
                        .maxKeys(1))));
        return store;
    }

    /** Without looking. */
    static S3Store unasked(StoreUrl url, Retries retries) {
        S3Settings settings = S3Settings.of(url);
        return new S3Store(new S3Bucket(S3Clients.open(settings), settings, retries));
    }

    /** Which settings a URL may have. */
    public static Set<String> settings() {
        return S3Settings.NAMES;
    }

    @Override
    public String url() {
        return bucket.url();
    }

    @Override
    public ObjectWriter create(String key) {
        return create(key, bucket.settings.retention());
    }

    @Override
    public ObjectWriter create(String key, Retention retention) {
        ObjectKey.check(key);
        if (lock.isEmpty()) {
            return new S3ObjectWriter(bucket, key, Retention.none());
        }
        if (retention.time().isPresent()) {
            lock.get().requireLocks();
        }
        return new S3ObjectWriter(bucket, key, retention);
    }

    @Override
    public Optional<ObjectLock> lock() {
        return lock.map(each -> each);
    }

    @Override
    public InputStream open(String key) {
        return S3Read.whole(bucket, ObjectKey.check(key), null);
    }

    @Override
    public InputStream open(String key, long offset, long length) {
        ObjectKey.check(key);
        if (offset < 0 || length < 0 || offset + length < 0) {
            throw new IllegalArgumentException("Not a range: " + offset + ", " + length);
        }
        if (length > 0) {
            return S3Read.range(bucket, key, null, offset, length);
        }
        // HTTP has no empty range.
        long size = bucket.head(key).contentLength();
        if (offset > size) {
            throw new ObjectTooShortException(url(), key, size, offset, length);
        }
        return InputStream.nullInputStream();
    }

    @Override
    public Optional<ObjectInfo> find(String key) {
        try {
            HeadObjectResponse found = bucket.head(ObjectKey.check(key));
            return Optional.of(new ObjectInfo(key, found.contentLength(), found.lastModified()));
        } catch (ObjectMissingException e) {
            return Optional.empty();
        }
    }

    @Override
    public void list(String prefix, Consumer<ObjectInfo> each) {
        String from = bucket.full(ObjectKey.checkPrefix(prefix));
        String last = "";
        String token = null;
        do {
            ListObjectsV2Response page = page(prefix, from, token);
            for (S3Object object : page.contents()) {
                if (object.key().compareTo(last) <= 0) {
                    throw new StoreException(
                            "STORE_UNSUPPORTED",
                            "The store " + url() + " lists " + object.key() + " after " + last + ".",
                            "Muster needs listings in the order of the keys. Is this an S3 Express directory bucket? Use"
                                    + " a usual one.");
                }
                last = object.key();
                String key = last.substring(bucket.settings.prefix().length());
                // What others put there, such as markers that a console makes for folders, is no object of Muster's.
                if (ObjectKey.valid(key)) {
                    each.accept(new ObjectInfo(key, object.size(), object.lastModified()));
                }
            }
            token = next(page, token);
        } while (token != null);
    }

    private ListObjectsV2Response page(String prefix, String from, @Nullable String token) {
        return bucket.retries.call(() -> bucket.ask(
                "list",
                prefix,
                () -> bucket.client.listObjectsV2(
                        request -> request.bucket(bucket.name()).prefix(from).continuationToken(token))));
    }

    private @Nullable String next(ListObjectsV2Response page, @Nullable String token) {
        if (!Boolean.TRUE.equals(page.isTruncated())) {
            return null;
        }
        String next = page.nextContinuationToken();
        if (next == null || next.equals(token)) {
            throw new StoreException(
                    "STORE_UNSUPPORTED",
                    "The store " + url() + " says that a listing goes on, but not where.",
                    "The server's listing is broken: nothing was left out silently. Update it.");
        }
        return next;
    }

    @Override
    public void delete(String key) {
        ObjectKey.check(key);
        try {
            bucket.client.deleteObject(request -> request.bucket(bucket.name()).key(bucket.full(key)));
        } catch (SdkException e) {
            if (!S3Trouble.code(e).equals("NoSuchKey")) {
                throw S3Trouble.explain("delete", key, url(), e);
            }
        }
    }
}

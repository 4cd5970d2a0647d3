package dev.muster.storage.gcs;

import com.google.api.client.http.HttpHeaders;
import com.google.api.client.http.HttpResponse;
import com.google.api.gax.paging.Page;
import com.google.api.services.storage.Storage.Objects;
import com.google.cloud.storage.Blob;
import com.google.cloud.storage.BlobInfo;
import com.google.cloud.storage.Storage.BlobField;
import com.google.cloud.storage.Storage.BlobGetOption;
import com.google.cloud.storage.Storage.BlobListOption;
import com.google.cloud.storage.Storage.BlobSourceOption;
import com.google.cloud.storage.StorageException;
import dev.muster.storage.ObjectInfo;
import dev.muster.storage.ObjectMissingException;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectTooShortException;
import dev.muster.storage.ObjectWriter;
import dev.muster.storage.StoreException;
import dev.muster.storage.StoreUrl;
import dev.muster.storage.retry.Retries;
import dev.muster.storage.transfer.ContinuedInput;
import dev.muster.storage.transfer.PrefixedKeys;
import dev.muster.storage.transfer.TransferSettings;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A store in a bucket of Google Cloud Storage. The service creates an object only if there is none of its name, so that
 * of several writers one wins.
 */
public final class GcsStore implements ObjectStore {
    static final String CONTENT_TYPE = "application/octet-stream";

    private static final long PAGE = 1000;
    private static final BlobField[] FIELDS = {
        BlobField.SIZE, BlobField.UPDATED, BlobField.GENERATION, BlobField.CRC32C, BlobField.METADATA
    };

    private final String url;
    private final String bucket;
    private final PrefixedKeys keys;
    private final int partSize;
    private final GcsAccess access;
    private final Retries retries;

    private GcsStore(StoreUrl url, PrefixedKeys keys, int partSize, GcsAccess access, Retries retries) {
        this.url = url.toString();
        this.bucket = url.place();
        this.keys = keys;
        this.partSize = partSize;
        this.access = access;
        this.retries = retries;
    }

    /** A request that may fail on its way, or be refused. */
    interface Request<T> {
        T send() throws IOException;
    }

    /** Names of the settings that its URL may have. */
    public static Set<String> settings() {
        return Set.of("endpoint", "credentials", TransferSettings.PART_SIZE);
    }

    /**
     * Opens {@code gs://bucket/prefix}, after one look whether the bucket is there and can be listed.
     *
     * @throws StoreException STORE_URL_INVALID, SECRET_MISSING, STORE_MISSING, STORE_DENIED, STORE_UNREACHABLE
     */
    public static GcsStore open(StoreUrl url, Retries retries) {
        if (!url.place().matches("[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")) {
            throw url.invalid("a Google store is gs://BUCKET or gs://BUCKET/PREFIX");
        }
        PrefixedKeys keys = new PrefixedKeys(url, url.path());
        int partSize = TransferSettings.of(url, 1).partSize();
        GcsStore store = new GcsStore(url, keys, partSize, GcsAccess.open(url, retries), retries);
        retries.call(() -> store.page("", null, 1));
        return store;
    }

    @Override
    public String url() {
        return url;
    }

    Retries retries() {
        return retries;
    }

    GcsAccess access() {
        return access;
    }

    String bucket() {
        return bucket;
    }

    String name(String key) {
        return keys.name(key);
    }

    @Override
    public ObjectWriter create(String key) {
        name(key);
        return new GcsObjectWriter(this, key, partSize);
    }

    @Override
    public InputStream open(String key) {
        name(key);
        HttpResponse response = retries.call(() -> request(key, null, null));
        return received(response, () -> {
            HttpHeaders headers = response.getHeaders();
            long size = size(headers);
            InputStream content = continued(key, response, 0, size);
            String checksum = checksum(headers);
            return new Crc32cInput(content, key + " in " + url, size, checksum);
        });
    }

    @Override
    public InputStream open(String key, long offset, long length) {
        if (offset < 0 || length < 0 || offset + length < 0) {
            throw new IllegalArgumentException("Not a range: " + offset + ", " + length);
        }
        name(key);
        if (length > 0) {
            try {
                HttpResponse response = retries.call(() -> request(key, range(offset, length), null));
                return received(response, () -> {
                    requireLength(key, size(response.getHeaders()), offset, length);
                    return continued(key, response, offset, length);
                });
            } catch (RangeRefusedException beyond) {
                // Its size says by how much.
            }
        }
        ObjectInfo info = find(key).orElseThrow(() -> new ObjectMissingException(url, key));
        requireLength(key, info.size(), offset, length);
        return InputStream.nullInputStream();
    }

    private <T> T received(HttpResponse response, Request<T> use) {
        try {
            return use.send();
        } catch (IOException | RuntimeException e) {
            try {
                response.disconnect();
            } catch (IOException broken) {
                e.addSuppressed(broken);
            }
            throw e instanceof RuntimeException known
                    ? known
                    : GcsTrouble.explain("read", "an answer", url, (IOException) e);
        }
    }

    private InputStream continued(String key, HttpResponse response, long offset, long length) throws IOException {
        String generation = header(response.getHeaders(), "x-goog-generation");
        return new ContinuedInput(
                key + " in " + url,
                new ResponseInput(response, length),
                offset,
                length,
                (from, rest) -> new ResponseInput(request(key, range(from, rest), Long.valueOf(generation)), rest),
                retries);
    }

    private HttpResponse request(String key, @Nullable String range, @Nullable Long generation) {
        return call("read", key, () -> {
            Objects.Get get = access.reads().objects().get(bucket, name(key)).setGeneration(generation);
            get.getRequestHeaders().setRange(range).setAcceptEncoding("identity");
            try {
                return get.executeMedia();
            } catch (IOException e) {
                if (GcsTrouble.hasStatus(416, e)) {
                    throw new RangeRefusedException(key, url);
                }
                throw e;
            }
        });
    }

    private static String range(long offset, long length) {
        return "bytes=" + offset + "-" + (offset + length - 1);
    }

    private static long size(HttpHeaders headers) throws IOException {
        String range = headers.getContentRange();
        return range == null
                ? Long.parseLong(header(headers, "x-goog-stored-content-length"))
                : Long.parseLong(range.substring(range.indexOf('/') + 1));
    }

    private static String checksum(HttpHeaders headers) throws IOException {
        for (String line : headers.getHeaderStringValues("x-goog-hash")) {
            for (String hash : line.split(",", -1)) {
                if (hash.strip().startsWith("crc32c=")) {
                    return hash.strip().substring("crc32c=".length());
                }
            }
        }
        throw new IOException("the store sent no CRC32C");
    }

    private static String header(HttpHeaders headers, String name) throws IOException {
        String value = headers.getFirstHeaderStringValue(name);
        if (value == null) {
            throw new IOException("the store sent no header " + name);
        }
        return value;
    }

    private void requireLength(String key, long size, long offset, long length) {
        if (offset + length > size) {
            throw new ObjectTooShortException(url, key, size, offset, length);
        }
    }

    @Override
    public Optional<ObjectInfo> find(String key) {
        return info(key).map(found -> new ObjectInfo(key, found.getSize(), updated(found)));
    }

    Optional<BlobInfo> info(String key) {
        name(key);
        try {
            return Optional.of(retries.call(() -> call(
                    "look up",
                    key,
                    () -> there(access.single().get(bucket, name(key), BlobGetOption.fields(FIELDS)), key))));
        } catch (ObjectMissingException e) {
            return Optional.empty();
        }
    }

    /** The library says null where the service says 404. */
    private BlobInfo there(@Nullable Blob found, String key) {
        if (found == null) {
            throw missing(key);
        }
        return found;
    }

    private static Instant updated(BlobInfo found) {
        return found.getUpdateTimeOffsetDateTime().toInstant();
    }

    @Override
    public void list(String prefix, Consumer<ObjectInfo> each) {
        String listed = keys.listed(prefix);
        PrefixedKeys.Listing listing = keys.listing(each);
        String next = null;
        do {
            String token = next;
            Page<Blob> page = retries.call(() -> page(listed, token, PAGE));
            for (Blob item : page.getValues()) {
                listing.accept(item.getName(), item.getSize(), updated(item));
            }
            next = page.hasNextPage() ? page.getNextPageToken() : null;
        } while (next != null);
    }

    private Page<Blob> page(String listed, @Nullable String token, long size) {
        List<BlobListOption> options = new ArrayList<>(List.of(
                BlobListOption.prefix(listed),
                BlobListOption.pageSize(size),
                BlobListOption.fields(BlobField.NAME, BlobField.SIZE, BlobField.UPDATED)));
        if (token != null) {
            options.add(BlobListOption.pageToken(token));
        }
        try {
            return access.single().list(bucket, options.toArray(BlobListOption[]::new));
        } catch (StorageException e) {
            if (GcsTrouble.status(e) == 404) {
                throw new StoreException(
                        "STORE_MISSING",
                        "The bucket of the store " + url + " is not there.",
                        "Check the URL. A new store's bucket is created by hand.",
                        e);
            }
            throw GcsTrouble.explain("list", "'" + listed + "'", url, e);
        }
    }

    @Override
    public void delete(String key) {
        delete(key, null);
    }

    /** @param generation of the object that is meant; null for any */
    void delete(String key, @Nullable Long generation) {
        name(key);
        BlobSourceOption[] options = generation == null
                ? new BlobSourceOption[0]
                : new BlobSourceOption[] {BlobSourceOption.generationMatch(generation)};
        try {
            retries.call(() -> call("delete", key, () -> {
                if (!access.single().delete(bucket, name(key), options)) {
                    throw missing(key);
                }
                return key;
            }));
        } catch (ObjectMissingException e) {
            // It is gone.
        }
    }

    /** @throws ObjectMissingException where the bucket is there and the object is not */
    <T> T call(String action, String key, Request<T> request) {
        try {
            return request.send();
        } catch (IOException | StorageException e) {
            if (GcsTrouble.status(e) == 404) {
                throw missing(key);
            }
            throw GcsTrouble.explain(action, key, url, e);
        }
    }

    /** A missing bucket is no missing object. */
    private ObjectMissingException missing(String key) {
        page("", null, 1);
        return new ObjectMissingException(url, key);
    }

    /** The object has no byte where the range begins. */
    private static final class RangeRefusedException extends StoreException {
        RangeRefusedException(String key, String url) {
            super(
                    "OBJECT_TOO_SHORT",
                    "The object " + key + " in " + url + " ends before the range.",
                    "Verify the backup.");
        }
    }
}

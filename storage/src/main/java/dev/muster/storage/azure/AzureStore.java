package dev.muster.storage.azure;

import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.azure.core.http.rest.PagedResponse;
import com.azure.core.util.Context;
import com.azure.storage.blob.BlobContainerAsyncClient;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobContainerClientBuilder;
import com.azure.storage.blob.models.BlobDownloadAsyncResponse;
import com.azure.storage.blob.models.BlobDownloadHeaders;
import com.azure.storage.blob.models.BlobItem;
import com.azure.storage.blob.models.BlobProperties;
import com.azure.storage.blob.models.BlobRange;
import com.azure.storage.blob.models.BlobRequestConditions;
import com.azure.storage.blob.models.DownloadRetryOptions;
import com.azure.storage.blob.models.ListBlobsOptions;
import com.azure.storage.common.StorageSharedKeyCredential;
import com.azure.storage.common.policy.RequestRetryOptions;
import com.azure.storage.common.policy.RetryPolicyType;
import dev.muster.storage.ObjectInfo;
import dev.muster.storage.ObjectMissingException;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectTooShortException;
import dev.muster.storage.ObjectWriter;
import dev.muster.storage.StoreException;
import dev.muster.storage.StoreUrl;
import dev.muster.storage.retry.Retries;
import dev.muster.storage.transfer.ContinuedInput;
import dev.muster.storage.transfer.Endpoint;
import dev.muster.storage.transfer.PrefixedKeys;
import dev.muster.storage.transfer.TransferSettings;
import java.io.InputStream;
import java.time.Duration;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A store in a container of Azure Blob Storage. Objects are block blobs that the service creates only if there is none of
 * their name, so that of several writers one wins.
 */
public final class AzureStore implements ObjectStore {
    /** For one call that sends at most one block, and gets an answer. */
    static final Duration CALL_TIMEOUT = Duration.ofMinutes(2);

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration SILENCE_TIMEOUT = Duration.ofSeconds(60);

    private static final int PAGE = 5000;
    private static final int PARALLEL = 2;

    private final String url;
    private final PrefixedKeys keys;
    private final TransferSettings settings;
    private final Retries retries;
    private final BlobContainerClient container;
    private final BlobContainerAsyncClient reading;

    private AzureStore(
            String url,
            PrefixedKeys keys,
            TransferSettings settings,
            BlobContainerClientBuilder containerBuilder,
            Retries retries) {
        this.retries = retries;
        this.url = url;
        this.keys = keys;
        this.settings = settings;
        this.container = containerBuilder.buildClient();
        this.reading = containerBuilder.buildAsyncClient();
    }

    /** Names of the settings that its URL may have. */
    public static Set<String> settings() {
        return Set.of("endpoint", "account-key", "sas", TransferSettings.PART_SIZE, TransferSettings.PARALLEL);
    }

    /**
     * Opens {@code azure://account/container/prefix}, after one look whether the container is there and can be listed.
     *
     * @throws StoreException STORE_URL_INVALID, SECRET_MISSING, STORE_MISSING, STORE_DENIED, STORE_UNREACHABLE,
     *     STORE_UNSUPPORTED
     */
    public static AzureStore open(StoreUrl url, Retries retries) {
        int slash = url.path().indexOf('/');
        String name = slash < 0 ? url.path() : url.path().substring(0, slash);
        if (!url.place().matches("[a-z0-9]{3,24}") || !name.matches("[a-z0-9][a-z0-9-]{2,62}")) {
            throw url.invalid("an Azure store is azure://ACCOUNT/CONTAINER or .../PREFIX");
        }
        PrefixedKeys keys = new PrefixedKeys(url, slash < 0 ? "" : url.path().substring(slash + 1));
        BlobContainerClientBuilder builder = new BlobContainerClientBuilder()
                .endpoint(Endpoint.of(url, "https://" + url.place() + ".blob.core.windows.net"))
                .containerName(name)
                .httpClient(new JdkHttpClientBuilder()
                        .connectionTimeout(CONNECT_TIMEOUT)
                        .writeTimeout(SILENCE_TIMEOUT)
                        .responseTimeout(SILENCE_TIMEOUT)
                        .readTimeout(SILENCE_TIMEOUT)
                        .build())
                .retryOptions(new RequestRetryOptions(
                        RetryPolicyType.FIXED, 1, CALL_TIMEOUT, (Duration) null, (Duration) null, null));
        authorize(builder, url);
        AzureStore store = new AzureStore(url.toString(), keys, TransferSettings.of(url, PARALLEL), builder, retries);
        store.requireUsable();
        return store;
    }

    private static void authorize(BlobContainerClientBuilder builder, StoreUrl url) {
        Optional<String> accountKey = url.secret("account-key");
        Optional<String> sas = url.secret("sas");
        if (accountKey.isPresent() == sas.isPresent()) {
            throw url.invalid(
                    "it needs either account-key= or sas=, each env:NAME or file:/PATH; managed identities are not"
                            + " supported");
        }
        try {
            accountKey.ifPresent(Base64.getDecoder()::decode);
            accountKey.ifPresent(secret -> builder.credential(new StorageSharedKeyCredential(url.place(), secret)));
            sas.ifPresent(secret -> builder.sasToken(secret.startsWith("?") ? secret.substring(1) : secret));
        } catch (IllegalArgumentException e) {
            throw new StoreException(
                    "STORE_DENIED",
                    "What the store's URL " + url + " refers to is not of the form of an account key or a SAS.",
                    "Copy it from the account's page 'Access keys' or 'Shared access signature', without more.");
        }
    }

    /** Directories of a hierarchical namespace look like objects. */
    private void requireUsable() {
        retries.call(() -> page("", null, 1));
        boolean hierarchical;
        try {
            hierarchical = call(
                    "open",
                    "the account",
                    () -> container
                            .getAccountInfoWithResponse(CALL_TIMEOUT, Context.NONE)
                            .getValue()
                            .isHierarchicalNamespaceEnabled());
        } catch (StoreException e) {
            // A SAS need not allow this question. The order of listings tells, later.
            hierarchical = false;
        }
        if (hierarchical) {
            throw new StoreException(
                    "STORE_UNSUPPORTED",
                    "The account of the store " + url + " has a hierarchical namespace.",
                    "Use a storage account without one (Data Lake Storage Gen2 disabled).");
        }
    }

    @Override
    public String url() {
        return url;
    }

    @Override
    public ObjectWriter create(String key) {
        return new AzureObjectWriter(
                this, key, container.getBlobClient(name(key)).getBlockBlobClient(), settings);
    }

    @Override
    public InputStream open(String key) {
        String name = name(key);
        try {
            return stream(key, retries.call(() -> request(key, name, new BlobRange(0), null)), 0, -1);
        } catch (RangeRefusedException empty) {
            require(key, 0, 0);
            return InputStream.nullInputStream();
        }
    }

    @Override
    public InputStream open(String key, long offset, long length) {
        if (offset < 0 || length < 0 || offset + length < 0) {
            throw new IllegalArgumentException("Not a range: " + offset + ", " + length);
        }
        String name = name(key);
        if (length > 0) {
            try {
                BlobRange range = new BlobRange(offset, length);
                return stream(key, retries.call(() -> request(key, name, range, null)), offset, length);
            } catch (RangeRefusedException beyond) {
                // Its size says by how much.
            }
        }
        require(key, offset, length);
        return InputStream.nullInputStream();
    }

    /** @param length -1 for all there is */
    private InputStream stream(String key, BlobDownloadAsyncResponse response, long offset, long length) {
        FluxInput arriving = new FluxInput(response.getValue());
        try {
            BlobDownloadHeaders headers = response.getDeserializedHeaders();
            String etag = Objects.requireNonNull(headers.getETag(), "Azure sends an ETag");
            long size = size(headers);
            long promised = length < 0 ? size : length;
            requireLength(key, size, offset, promised);
            String name = name(key);
            return new ContinuedInput(
                    key + " in " + url,
                    arriving,
                    offset,
                    promised,
                    (from, rest) -> new FluxInput(
                            request(key, name, new BlobRange(from, rest), etag).getValue()),
                    retries);
        } catch (RuntimeException e) {
            arriving.close();
            throw e;
        }
    }

    private static long size(BlobDownloadHeaders headers) {
        String range = headers.getContentRange();
        return range == null ? headers.getContentLength() : Long.parseLong(range.substring(range.indexOf('/') + 1));
    }

    private BlobDownloadAsyncResponse request(String key, String name, BlobRange range, @Nullable String etag) {
        return call(AzureTrouble.READ, key, () -> {
            try {
                return Objects.requireNonNull(reading.getBlobAsyncClient(name)
                        .downloadStreamWithResponse(
                                range,
                                new DownloadRetryOptions().setMaxRetryRequests(0),
                                new BlobRequestConditions().setIfMatch(etag),
                                false)
                        .block(CALL_TIMEOUT));
            } catch (RuntimeException e) {
                if (AzureTrouble.isRangeRefused(e)) {
                    throw new RangeRefusedException(key, url);
                }
                throw e;
            }
        });
    }

    private void require(String key, long offset, long length) {
        ObjectInfo info = find(key).orElseThrow(() -> new ObjectMissingException(url, key));
        requireLength(key, info.size(), offset, length);
    }

    private void requireLength(String key, long size, long offset, long length) {
        if (offset + length > size) {
            throw new ObjectTooShortException(url, key, size, offset, length);
        }
    }

    @Override
    public Optional<ObjectInfo> find(String key) {
        return properties(key)
                .map(found -> new ObjectInfo(
                        key, found.getBlobSize(), found.getLastModified().toInstant()));
    }

    Retries retries() {
        return retries;
    }

    /** What was said about an object when it was created. */
    Optional<String> metadata(String key, String name) {
        return properties(key).map(found -> found.getMetadata().get(name));
    }

    private Optional<BlobProperties> properties(String key) {
        String name = name(key);
        try {
            return Optional.of(retries.call(() -> call(
                    "look up",
                    key,
                    () -> container
                            .getBlobClient(name)
                            .getPropertiesWithResponse(null, CALL_TIMEOUT, Context.NONE)
                            .getValue())));
        } catch (ObjectMissingException e) {
            return Optional.empty();
        }
    }

    @Override
    public void list(String prefix, Consumer<ObjectInfo> each) {
        String listed = keys.listed(prefix);
        PrefixedKeys.Listing listing = keys.listing(each);
        String next = null;
        do {
            String token = next;
            PagedResponse<BlobItem> page = retries.call(() -> page(listed, token, PAGE));
            for (BlobItem item : page.getValue()) {
                listing.accept(
                        item.getName(),
                        item.getProperties().getContentLength(),
                        item.getProperties().getLastModified().toInstant());
            }
            next = page.getContinuationToken();
        } while (next != null && !next.isEmpty());
    }

    private PagedResponse<BlobItem> page(String listed, @Nullable String token, int size) {
        return call(
                "list",
                "'" + listed + "'",
                () -> container
                        .listBlobs(
                                new ListBlobsOptions().setPrefix(listed).setMaxResultsPerPage(size),
                                token,
                                CALL_TIMEOUT)
                        .iterableByPage()
                        .iterator()
                        .next());
    }

    @Override
    public void delete(String key) {
        String name = name(key);
        try {
            retries.call(() -> call(
                    "delete",
                    key,
                    () -> container.getBlobClient(name).deleteWithResponse(null, null, CALL_TIMEOUT, Context.NONE)));
        } catch (ObjectMissingException e) {
            // It is gone.
        }
    }

    /** Azure drops a dot at the end of a part, and would take one name for another. */
    private String name(String key) {
        String name = keys.name(key);
        if (name.endsWith(".") || name.contains("./")) {
            throw new StoreException(
                    "INVALID_KEY",
                    "Not an object name in Azure: '" + key + "': a part ends with a dot.",
                    "Use names without a dot at the end of a part.");
        }
        return name;
    }

    <T> T call(String action, String key, Supplier<T> request) {
        try {
            return request.get();
        } catch (RuntimeException e) {
            throw AzureTrouble.explain(action, key, url, e);
        }
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

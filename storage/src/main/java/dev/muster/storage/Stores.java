package dev.muster.storage;

import dev.muster.storage.azure.AzureStore;
import dev.muster.storage.gcs.GcsStore;
import dev.muster.storage.local.LocalStore;
import dev.muster.storage.metrics.MeteredStore;
import dev.muster.storage.readonly.ReadOnlyStore;
import dev.muster.storage.retry.Retries;
import dev.muster.storage.retry.RetryBudget;
import dev.muster.storage.retry.RetryingStore;
import dev.muster.storage.s3.S3Store;
import dev.muster.storage.throttle.Rate;
import dev.muster.storage.throttle.ThrottledStore;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Metrics;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;

/** Opens stores by their URL. */
public final class Stores {
    /** Settings that every kind of store has. */
    private static final Set<String> COMMON = Set.of("retries", "upload-limit", "download-limit", "read-only");

    /** A disk's errors do not pass by themselves; a network's mostly do. */
    private static final int LOCAL_RETRIES = 0;

    private static final int REMOTE_RETRIES = 5;
    private static final int MOST_RETRIES = 20;
    private static final int BUDGET = 50;

    private Stores() {}

    /** With its counters in Micrometer's global registry, which shows them where the process has added one of its own. */
    public static ObjectStore open(String url) {
        return open(url, Metrics.globalRegistry);
    }

    /**
     * @param url {@code file:///absolute/folder}, {@code s3://bucket/prefix}, {@code azure://account/container/prefix}
     *     or {@code gs://bucket/prefix}, with settings, of which docs/reference/stores.md tells; folder, bucket and
     *     container must exist
     * @throws StoreException STORE_URL_INVALID, SECRET_MISSING, STORE_MISSING, STORE_DENIED, STORE_UNREACHABLE
     */
    public static ObjectStore open(String url, MeterRegistry registry) {
        StoreUrl parsed = StoreUrl.parse(url);
        return switch (parsed.scheme()) {
            case "file" -> {
                refuseUnknown(parsed, Set.of());
                yield wrap(parsed, registry, LOCAL_RETRIES, retries -> local(parsed));
            }
            case "s3" -> {
                refuseUnknown(parsed, S3Store.settings());
                yield wrap(parsed, registry, REMOTE_RETRIES, retries -> S3Store.open(parsed, retries));
            }
            case "azure" -> {
                refuseUnknown(parsed, AzureStore.settings());
                yield wrap(parsed, registry, REMOTE_RETRIES, retries -> AzureStore.open(parsed, retries));
            }
            case "gs" -> {
                refuseUnknown(parsed, GcsStore.settings());
                yield wrap(parsed, registry, REMOTE_RETRIES, retries -> GcsStore.open(parsed, retries));
            }
            default -> throw StoreUrl.invalid(url, "no driver for '" + parsed.scheme() + "'");
        };
    }

    /** A driver, given what it repeats requests by. */
    private interface Driver {
        ObjectStore open(Retries retries);
    }

    private static void refuseUnknown(StoreUrl url, Set<String> ofDriver) {
        Set<String> known = new HashSet<>(COMMON);
        known.addAll(ofDriver);
        url.refuseSettingsBut(known);
    }

    /** From the inside: what is counted is each request, what is throttled is content that goes through once. */
    private static ObjectStore wrap(StoreUrl url, MeterRegistry registry, int usualRetries, Driver driver) {
        String name = url.scheme() + "://" + url.place() + (url.path().startsWith("/") ? "" : "/") + url.path();
        int limit = url.count("retries", usualRetries, 0, MOST_RETRIES);
        Optional<Rate> upload = url.bytes("upload-limit").map(rate -> new Rate(rate, StoreClock.SYSTEM));
        Optional<Rate> download = url.bytes("download-limit").map(rate -> new Rate(rate, StoreClock.SYSTEM));
        boolean readOnly = url.flag("read-only", false);
        Retries retries = new Retries(
                limit,
                new RetryBudget(BUDGET),
                StoreClock.SYSTEM,
                new SharedRandom(),
                MeteredStore.repetitions(registry, name));
        ObjectStore store = new MeteredStore(driver.open(retries), registry, name);
        if (limit > 0) {
            store = new RetryingStore(store, retries);
        }
        if (upload.isPresent() || download.isPresent()) {
            store = new ThrottledStore(store, upload, download);
        }
        return readOnly ? new ReadOnlyStore(store) : store;
    }

    /** Each thread's own, whichever asks. */
    private static final class SharedRandom implements RandomGenerator {
        @Override
        public long nextLong() {
            return ThreadLocalRandom.current().nextLong();
        }
    }

    private static ObjectStore local(StoreUrl url) {
        if (!url.place().isEmpty() || !url.path().startsWith("/")) {
            throw StoreUrl.invalid(url.toString(), "a local store is an absolute folder of this machine");
        }
        try {
            return LocalStore.open(Path.of(url.path()));
        } catch (InvalidPathException e) {
            throw StoreUrl.invalid(url.toString(), e.getReason());
        }
    }
}

package dev.muster.storage;

import dev.muster.storage.azure.AzureStore;
import dev.muster.storage.gcs.GcsStore;
import dev.muster.storage.local.LocalStore;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Set;

/** Opens stores by their URL. */
public final class Stores {
    private Stores() {}

    /**
     * @param url {@code file:///absolute/folder}, {@code azure://account/container/prefix} or {@code gs://bucket/prefix};
     *     folder, container and bucket must exist
     * @throws StoreException STORE_URL_INVALID, SECRET_MISSING, STORE_MISSING, STORE_DENIED, STORE_UNREACHABLE
     */
    public static ObjectStore open(String url) {
        StoreUrl parsed = StoreUrl.parse(url);
        return switch (parsed.scheme()) {
            case "file" -> local(parsed);
            case "azure" -> {
                parsed.refuseSettingsBut(AzureStore.settings());
                yield AzureStore.open(parsed);
            }
            case "gs" -> {
                parsed.refuseSettingsBut(GcsStore.settings());
                yield GcsStore.open(parsed);
            }
            default -> throw StoreUrl.invalid(url, "no driver for '" + parsed.scheme() + "'");
        };
    }

    private static ObjectStore local(StoreUrl url) {
        url.refuseSettingsBut(Set.of());
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

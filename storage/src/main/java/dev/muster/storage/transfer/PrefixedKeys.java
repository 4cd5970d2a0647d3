package dev.muster.storage.transfer;

import dev.muster.storage.ObjectInfo;
import dev.muster.storage.ObjectKey;
import dev.muster.storage.StoreException;
import dev.muster.storage.StoreUrl;
import java.time.Instant;
import java.util.function.Consumer;

/** The names that a store's objects have in a bucket which holds other things, too. */
public final class PrefixedKeys {
    private final String url;
    private final String prefix;

    /**
     * @param path what comes before all keys, without a slash at either end; may be empty
     * @throws StoreException STORE_URL_INVALID
     */
    public PrefixedKeys(StoreUrl url, String path) {
        this.url = url.toString();
        this.prefix = path.isEmpty() ? "" : path + "/";
        if (!path.isEmpty() && !ObjectKey.valid(path)) {
            throw url.invalid("its prefix must be of the form of an object's name");
        }
    }

    /** @throws StoreException INVALID_KEY also where the prefix makes it too long */
    public String name(String key) {
        return bounded(prefix + ObjectKey.check(key), key);
    }

    /** @throws StoreException INVALID_KEY */
    public String listed(String keyPrefix) {
        return prefix + ObjectKey.checkPrefix(keyPrefix);
    }

    private String bounded(String name, String key) {
        if (name.length() > ObjectKey.MAX_LENGTH) {
            throw new StoreException(
                    "INVALID_KEY",
                    "The name " + key + " is too long behind the prefix " + prefix + " of " + url + ".",
                    "Both together have at most " + ObjectKey.MAX_LENGTH + " characters: use a shorter prefix.");
        }
        return name;
    }

    /** Hands on what a listing of the bucket brings, as the store's own keys. */
    public Listing listing(Consumer<ObjectInfo> each) {
        return new Listing(each);
    }

    /** Refuses a listing out of order, since whoever compares two listings would overlook objects. */
    public final class Listing {
        private final Consumer<ObjectInfo> each;
        private String last = "";

        private Listing(Consumer<ObjectInfo> each) {
            this.each = each;
        }

        /** @throws StoreException STORE_UNSUPPORTED */
        public void accept(String name, long size, Instant modified) {
            if (name.compareTo(last) <= 0 || !name.startsWith(prefix)) {
                throw new StoreException(
                        "STORE_UNSUPPORTED",
                        "The store " + url + " lists " + name + " after " + last + ", out of order.",
                        "Azure accounts with a hierarchical namespace do this; use an account or a bucket without.");
            }
            last = name;
            String key = name.substring(prefix.length());
            if (ObjectKey.valid(key)) {
                each.accept(new ObjectInfo(key, size, modified));
            }
        }
    }
}

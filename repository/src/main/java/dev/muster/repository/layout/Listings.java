package dev.muster.repository.layout;

import dev.muster.storage.ObjectInfo;
import dev.muster.storage.ObjectStore;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/** What listings of a store tell, in pieces that fit memory whatever the size of the store. */
public final class Listings {
    private static final int SOURCE_PARTS = 2;

    private Listings() {}

    /** All sources that have an object; lists the whole store. */
    public static SortedSet<String> sources(ObjectStore store) {
        SortedSet<String> sources = new TreeSet<>();
        store.list("src/", object -> {
            String[] parts = object.key().split("/", SOURCE_PARTS + 1);
            if (parts.length > SOURCE_PARTS) {
                sources.add(parts[1]);
            }
        });
        return sources;
    }

    /**
     * The folders below a prefix that hold objects, so that each can be listed alone: backups of a source, or the
     * stretches of 4 GiB that WAL is laid in.
     *
     * @param depth how many parts the folders have behind the prefix
     * @param higher is told of what lies in none of them
     * @return each ends with a slash
     */
    public static SortedSet<String> folders(ObjectStore store, String prefix, int depth, Consumer<ObjectInfo> higher) {
        SortedSet<String> folders = new TreeSet<>();
        store.list(prefix, object -> {
            int end = prefix.length() - 1;
            for (int part = 0; part < depth; part++) {
                int slash = object.key().indexOf('/', end + 1);
                if (slash < 0) {
                    higher.accept(object);
                    return;
                }
                end = slash;
            }
            folders.add(object.key().substring(0, end + 1));
        });
        return folders;
    }

    /** The backups that a lease says were begun, of whatever source. */
    public static Set<String> leased(ObjectStore store) {
        Set<String> leased = new HashSet<>();
        store.list("lease/", object -> {
            if (ObjectName.of(object.key()) instanceof ObjectName.Lease lease) {
                leased.add(lease.backup());
            }
        });
        return leased;
    }

    /** Sizes in bytes by key, of all objects below a prefix. */
    public static Map<String, Long> sizes(ObjectStore store, String prefix) {
        Map<String, Long> sizes = new TreeMap<>();
        store.list(prefix, object -> sizes.put(object.key(), object.size()));
        return sizes;
    }
}

package dev.muster.repository;

import dev.muster.repository.frames.ContentHash;
import dev.muster.repository.frames.FramedStore;
import dev.muster.repository.keys.Revocations;
import dev.muster.repository.layout.ObjectName;
import dev.muster.repository.locks.LockedStore;
import dev.muster.repository.work.Crew;
import dev.muster.storage.ObjectMissingException;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * What a backup refers to of other backups, in a store that locks: it must be locked at least as long as the backup
 * itself, or somebody could take from under a locked backup what it stands on. Nothing is remembered where nothing is
 * locked. Thread-safe.
 */
final class LockedReferences {
    /** The locks of what a backup stores that takes no longer end together but for that. */
    private static final Duration OWN_AFTER = Duration.ofHours(1);

    /** Locks that are asked for at once. */
    private static final int THREADS = 8;

    /** Maps that were read already; forgotten when there are so many, which costs reads and no truth. */
    private static final int KNOWN_MAPS = 500_000;

    private final Optional<LockedStore> store;
    private final JsonObjects documents;
    private final BackupHeader header;
    private final FileMapReader maps;
    private final Set<String> keys = new TreeSet<>();
    private final Set<String> besides = ConcurrentHashMap.newKeySet();
    private final Set<ContentHash> known = new HashSet<>();

    LockedReferences(ObjectStore store, FramedStore framed, JsonObjects documents, BackupHeader header) {
        this.store = locked(store);
        this.documents = documents;
        this.header = header;
        this.maps = new FileMapReader(header.source(), framed);
    }

    static Optional<LockedStore> locked(ObjectStore store) {
        return store instanceof LockedStore locks ? Optional.of(locks) : Optional.empty();
    }

    void besides(Supplier<List<String>> others) {
        if (store.isPresent()) {
            besides.addAll(others.get());
        }
    }

    void runs(List<Run> runs) {
        if (store.isEmpty()) {
            return;
        }
        Set<String> packs = new HashSet<>();
        for (Run run : runs) {
            if (run instanceof Run.Stored stored && !stored.ref().backup().equals(header.id())) {
                packs.add(Paths.pack(
                        header.source(), stored.ref().backup(), stored.ref().pack()));
            }
        }
        synchronized (keys) {
            keys.addAll(packs);
        }
    }

    /** @throws RepositoryException OBJECT_DAMAGED if a map of another backup cannot be read */
    void maps(List<MapRef> refs) {
        if (store.isEmpty()) {
            return;
        }
        for (MapRef ref : refs) {
            if (ref.backup().equals(header.id())) {
                continue; // Its runs were told when it was written.
            }
            boolean news;
            synchronized (keys) {
                keys.add(Paths.map(header.source(), ref.backup(), ref.object()));
                if (known.size() >= KNOWN_MAPS) {
                    known.clear();
                }
                news = known.add(ref.hash());
            }
            if (news) {
                runs(maps.runs(ref));
            }
        }
    }

    /**
     * Locks all of it as long as a COMMIT that is created now. Of a backup that took long its own objects, too: the locks of
     * its first packs, and of its manifest, which was begun with it, would end before that.
     *
     * @throws RepositoryException LOCK_NOT_EXTENDED
     */
    void extend() {
        if (store.isEmpty()) {
            return;
        }
        LockedStore locks = store.get();
        if (locks.lockedUntil(Paths.manifest(header.source(), header.id())).isEmpty()) {
            return; // The backup itself is not locked.
        }
        Instant until = locks.endOfNew();
        // A backup that refers to nothing is better than none, also where locks cannot be extended.
        boolean extended = mayExtend(locks, documents, until);
        if (!extended && keys.isEmpty()) {
            return;
        }
        Set<String> all = new TreeSet<>(keys);
        all.addAll(ownOfLong(locks));
        if (extended) {
            all.addAll(besides);
        }
        try (Crew crew = new Crew(THREADS)) {
            for (String key : all) {
                crew.submit(() -> extend(locks, key, until));
            }
            crew.finish();
        }
    }

    private List<String> ownOfLong(LockedStore locks) {
        List<String> own = new ArrayList<>();
        Instant[] first = {locks.now()};
        Instant latest = first[0].minus(OWN_AFTER);
        locks.list(Paths.backup(header.source(), header.id()), object -> {
            own.add(object.key());
            first[0] = object.modified().isBefore(first[0]) ? object.modified() : first[0];
        });
        return first[0].isBefore(latest) ? own : List.of();
    }

    /**
     * Locks what a copied backup needs of others as long as a COMMIT that is created now.
     *
     * @throws RepositoryException LOCK_NOT_EXTENDED
     */
    static void extend(LockedStore locks, JsonObjects documents, Set<String> needed) {
        Instant until = locks.endOfNew();
        mayExtend(locks, documents, until);
        try (Crew crew = new Crew(THREADS)) {
            for (String key : needed) {
                crew.submit(() -> extend(locks, key, until));
            }
            crew.finish();
        }
    }

    private static void extend(LockedStore locks, String key, Instant until) {
        try {
            locks.extend(key, until);
        } catch (StoreException e) {
            if (!e.code().equals("STORE_DENIED") && !(e instanceof ObjectMissingException)) {
                throw e;
            }
            throw new RepositoryException(
                    "LOCK_NOT_EXTENDED",
                    "The backup refers to " + key + ", whose lock cannot be extended to " + until
                            + ", as long as the backup is locked: " + e.getMessage(),
                    "Nothing of this backup counts. Allow the writer s3:PutObjectRetention, or make a full backup.",
                    e);
        }
    }

    /**
     * Extends the lock of what every backup needs, repo.json and the key slots; not of those that were revoked, which would
     * never go.
     *
     * @return false if the store does not let this be
     */
    static boolean mayExtend(LockedStore locks, JsonObjects documents, Instant until) {
        try {
            locks.extend(ObjectName.REPOSITORY, until);
            List<String> slots = new ArrayList<>();
            locks.list("keys/", slot -> slots.add(slot.key()));
            Set<String> lapsing = new Revocations(locks, documents).lapsing(slots);
            slots.stream().filter(slot -> !lapsing.contains(slot)).forEach(slot -> locks.extend(slot, until));
            return true;
        } catch (StoreException e) {
            if (!e.code().equals("STORE_DENIED") && !e.code().equals("STORE_READ_ONLY")) {
                throw e;
            }
            return false;
        }
    }
}

package dev.muster.repository.locks;

import dev.muster.storage.ObjectExistsException;
import dev.muster.storage.ObjectInfo;
import dev.muster.storage.ObjectLock;
import dev.muster.storage.ObjectMissingException;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectVersion;
import dev.muster.storage.ObjectWriter;
import dev.muster.storage.Retention;
import dev.muster.storage.StoreWrapper;
import io.micrometer.core.instrument.Metrics;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A repository's store that locks objects, as it is behind its delete markers. New objects get the lock that is for them;
 * what is needed and was deleted or written over is found all the same, and an alarm raised. Thread-safe.
 */
public final class LockedStore extends StoreWrapper {
    /** What clocks may differ by: rather told to be locked than deleted under its lock. */
    private static final Duration SLACK = Duration.ofHours(1);

    /** Of versions whose locks have ended, which is not asked twice; some 10 MB. */
    private static final int MOST_ENDED = 100_000;

    /** Between two looks for what somebody hides while this is open; a listing for each folder that is read from. */
    private static final long LOOK_AGAIN = TimeUnit.MINUTES.toNanos(10);

    private static final System.Logger LOG = System.getLogger(LockedStore.class.getName());

    private final ObjectLock lock;
    private final Clock clock;
    private final Map<String, ObjectVersion> found = new ConcurrentHashMap<>();
    private final Map<String, HiddenObject> alarms = new ConcurrentSkipListMap<>();
    private volatile Consumer<HiddenObject> listener = this::log;
    private final Set<String> ended = ConcurrentHashMap.newKeySet();

    /** When the versions of a folder were last looked at. */
    private final Map<String, Long> looked = new ConcurrentHashMap<>();

    private LockedStore(ObjectStore store, ObjectLock lock, Clock clock) {
        super(store);
        this.lock = lock;
        this.clock = clock;
    }

    /** The store itself where it locks nothing. */
    public static ObjectStore of(ObjectStore store, Clock clock) {
        if (store instanceof LockedStore) {
            return store;
        }
        return store.lock()
                .<ObjectStore>map(lock -> new LockedStore(store, lock, clock))
                .orElse(store);
    }

    /** Tells somebody, instead of the log, of what is found behind delete markers from now on, and was before. */
    public void tell(Consumer<HiddenObject> other) {
        listener = other;
        alarms.values().forEach(other);
    }

    private void log(HiddenObject object) {
        LOG.log(System.Logger.Level.WARNING, () -> object.problem(url()).getMessage());
    }

    /** What was found behind delete markers since the store was opened, by key. */
    public List<HiddenObject> hidden() {
        return List.copyOf(alarms.values());
    }

    /** Whether an object must not be deleted yet, also one that a delete marker hides. */
    public boolean isLocked(String key) {
        return lockEnd(key).isPresent();
    }

    /** Until when that is; empty if it may be deleted. */
    public Optional<Instant> lockEnd(String key) {
        if (!LockRules.isKept(key)) {
            return Optional.empty();
        }
        Optional<ObjectVersion> known = instead(key);
        if (known.isPresent()) {
            return lock.lockedUntil(known.get()).filter(this::isToCome);
        }
        Optional<Instant> until;
        try {
            until = lock.lockedUntil(key);
        } catch (ObjectMissingException e) {
            until = behind(key).flatMap(lock::lockedUntil);
        }
        return until.filter(this::isToCome);
    }

    /**
     * Locks what is needed until then, also behind a delete marker.
     *
     * @throws ObjectMissingException if it is not there at all
     */
    public void extend(String key, Instant until) {
        Optional<ObjectVersion> known = instead(key);
        if (known.isPresent()) {
            lock.extend(known.get(), until);
            return;
        }
        try {
            lock.extend(key, until);
        } catch (ObjectMissingException e) {
            lock.extend(hidden(key).orElseThrow(() -> e), until);
        }
    }

    /** Until when an object that was just created is locked; empty if nothing locks it. */
    public Optional<Instant> lockedUntil(String key) {
        return lock.lockedUntil(key);
    }

    private boolean isToCome(Instant until) {
        return until.isAfter(now().minus(SLACK));
    }

    /** What the store takes for now: the clock of this machine may be years away. */
    public Instant now() {
        return clock.instant().plus(lock.skew());
    }

    /** Until when an object would be locked that is created now. */
    public Instant endOfNew() {
        return now().plus(lock.time());
    }

    @Override
    public ObjectWriter create(String key) {
        // Above a delete marker a store lets others decide again.
        if (LockRules.decides(key) && hidden(key).isPresent()) {
            throw new ObjectExistsException(url(), key);
        }
        Optional<Retention> other = LockRules.retention(key, lock.time());
        return other.isPresent() ? store.create(key, other.get()) : store.create(key);
    }

    @Override
    public Optional<ObjectInfo> find(String key) {
        return instead(key)
                .map(LockedStore::info)
                .or(() -> store.find(key))
                .or(() -> hidden(key).map(LockedStore::info));
    }

    @Override
    public InputStream open(String key) {
        Optional<ObjectVersion> known = instead(key);
        if (known.isPresent()) {
            return lock.open(known.get());
        }
        try {
            return store.open(key);
        } catch (ObjectMissingException e) {
            return lock.open(hidden(key).orElseThrow(() -> e));
        }
    }

    @Override
    public InputStream open(String key, long offset, long length) {
        Optional<ObjectVersion> known = instead(key);
        if (known.isPresent()) {
            return lock.open(known.get(), offset, length);
        }
        try {
            return store.open(key, offset, length);
        } catch (ObjectMissingException e) {
            return lock.open(hidden(key).orElseThrow(() -> e), offset, length);
        }
    }

    @Override
    public void list(String prefix, Consumer<ObjectInfo> each) {
        if (!LockRules.mayBeBelow(prefix)) {
            store.list(prefix, each);
            return;
        }
        Grouping grouping = new Grouping(each);
        lock.versions(prefix, grouping);
        grouping.end();
    }

    /**
     * The version that counts where it is not the newest one: somebody has deleted the object, or written over it, and the
     * first one is still locked. Nobody writes an object twice, so what came later is none of Muster's. Versions are listed
     * folder by folder, and again only after a while.
     */
    private Optional<ObjectVersion> instead(String key) {
        if (!LockRules.isKept(key)) {
            return Optional.empty();
        }
        String folder = key.contains("/") ? key.substring(0, key.lastIndexOf('/') + 1) : key;
        Long last = looked.get(folder);
        if (last == null || System.nanoTime() - last > LOOK_AGAIN) {
            // What another thread looks at just now is waited for, and not listed twice.
            looked.compute(folder, (same, before) -> Objects.equals(before, last) ? look(folder) : before);
        }
        return Optional.ofNullable(found.get(key));
    }

    private Long look(String folder) {
        long now = System.nanoTime();
        Grouping grouping = new Grouping(object -> {});
        lock.versions(folder, grouping);
        grouping.end();
        return now;
    }

    /** What is to be read in place of an object that a delete marker hides. */
    private Optional<ObjectVersion> hidden(String key) {
        if (!LockRules.isKept(key)) {
            return Optional.empty();
        }
        Optional<ObjectVersion> version = behind(key).filter(this::counts);
        version.ifPresent(this::alarm);
        return version;
    }

    /** The version of a deleted object that counts: the first that is still locked, or else the newest. */
    private Optional<ObjectVersion> behind(String key) {
        List<ObjectVersion> versions = new ArrayList<>();
        lock.versions(key, version -> {
            if (version.key().equals(key)) {
                versions.add(version);
            }
        });
        boolean deleted = versions.stream().anyMatch(version -> version.latest() && version.deleteMarker());
        versions.removeIf(ObjectVersion::deleteMarker);
        if (!deleted) {
            return Optional.empty();
        }
        Optional<ObjectVersion> locked = Optional.empty();
        for (ObjectVersion version : versions) {
            locked = isStillLocked(version) ? Optional.of(version) : locked;
        }
        return locked.or(() -> versions.stream().findFirst());
    }

    /** Whether it is still there for readers. What an expiry deleted when its lock had ended is not. */
    private boolean counts(ObjectVersion version) {
        return LockRules.isNamed(version.key()) || isStillLocked(version);
    }

    private boolean isStillLocked(ObjectVersion version) {
        if (ended.contains(version.version())) {
            return false;
        }
        boolean locked;
        try {
            locked =
                    lock.lockedUntil(version).map(until -> until.isAfter(now())).orElse(false);
        } catch (ObjectMissingException e) {
            return false; // A lifecycle rule took it since it was listed.
        }
        if (!locked && ended.size() < MOST_ENDED) {
            ended.add(version.version());
        }
        return locked;
    }

    private void alarm(ObjectVersion version) {
        found.put(version.key(), version);
        HiddenObject object = new HiddenObject(version.key(), version.version(), version.modified());
        if (alarms.putIfAbsent(version.key(), object) == null) {
            Metrics.counter("muster.store.hidden.objects", "store", url()).increment();
            listener.accept(object);
        }
    }

    private static ObjectInfo info(ObjectVersion version) {
        return new ObjectInfo(version.key(), version.size(), version.modified());
    }

    /** Makes a listing of objects from one of versions. */
    private final class Grouping implements Consumer<ObjectVersion> {
        private final Consumer<ObjectInfo> each;
        private final List<ObjectVersion> group = new ArrayList<>();

        Grouping(Consumer<ObjectInfo> each) {
            this.each = each;
        }

        @Override
        public void accept(ObjectVersion version) {
            if (!group.isEmpty() && !group.get(0).key().equals(version.key())) {
                end();
            }
            group.add(version);
        }

        void end() {
            if (!group.isEmpty()) {
                Optional<ObjectVersion> newest = Optional.of(group.get(0)).filter(version -> !version.deleteMarker());
                Optional<ObjectVersion> counting = first(newest);
                counting.filter(version -> !newest.equals(counting)).ifPresent(LockedStore.this::alarm);
                counting.or(() -> newest).map(LockedStore::info).ifPresent(each);
            }
            group.clear();
        }

        /** The first version that is still locked, if somebody has deleted or written over it. */
        private Optional<ObjectVersion> first(Optional<ObjectVersion> newest) {
            if (group.size() < 2 || !LockRules.isKept(group.get(0).key())) {
                return Optional.empty();
            }
            for (int i = group.size() - 1; i >= 0; i--) {
                ObjectVersion version = group.get(i);
                boolean same = newest.map(one -> one.isSame(version)).orElse(false);
                if (same) {
                    return newest; // Created twice by a writer that got no answer to the first.
                }
                if (!version.deleteMarker() && isStillLocked(version)) {
                    return Optional.of(version);
                }
            }
            return Optional.empty();
        }
    }
}

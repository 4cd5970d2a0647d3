package dev.muster.repository.keys;

import com.github.f4b6a3.ulid.Ulid;
import com.github.f4b6a3.ulid.UlidCreator;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.encryption.MasterKey;
import dev.muster.repository.encryption.MasterKeys;
import dev.muster.repository.encryption.Secret;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.StoreException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The master keys of a repository that some keys open. A kid sorts by its age: it is a ULID in hexadecimal. */
public final class KeyRing implements MasterKeys {
    private static final Logger LOG = LoggerFactory.getLogger(KeyRing.class);

    /** @param scope the source that the key is for, or null for all */
    record Opened(MasterKey key, @Nullable String scope) {}

    /** Between attempts to open what a service would not open before; a write waits for each. */
    private static final long RETRY_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** Between attempts at one key: thousands of objects under it must not be thousands of requests, each with a timeout. */
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final ObjectStore store;
    private final List<WrappingKey> with;
    private final RepositoryIdentity identity;
    private final String openers;
    private final ConcurrentSkipListMap<String, Opened> keys = new ConcurrentSkipListMap<>();
    private final ConcurrentSkipListSet<String> kids = new ConcurrentSkipListSet<>();

    /** Of these a slot says that they are for one source, whoever it is for. */
    private final ConcurrentSkipListSet<String> scoped = new ConcurrentSkipListSet<>();

    /** Why a slot that may be for one of the openers does not open, by kid. */
    private final ConcurrentSkipListMap<String, RuntimeException> troubles = new ConcurrentSkipListMap<>();

    /** When a service was last asked again in vain, by kid. */
    private final Map<String, Long> asked = new HashMap<>();

    private volatile long lastRetry = System.nanoTime();

    private KeyRing(ObjectStore store, List<? extends WrappingKey> with, RepositoryIdentity identity) {
        this.store = store;
        this.with = List.copyOf(with);
        this.identity = identity;
        this.openers = with.stream().map(WrappingKey::description).collect(Collectors.joining(", "));
    }

    /**
     * Makes a repository's first master key, wraps it and shows that it opens again, before anything is stored.
     *
     * @return what stores its slots
     * @throws RepositoryException as the keys have it, such as KMS_UNREACHABLE or PASSPHRASE_TOO_SHORT
     */
    public static Consumer<ObjectStore> prepare(
            List<? extends WrappingKey> with, RepositoryIdentity identity, Clock clock) {
        if (with.isEmpty()) {
            throw new IllegalArgumentException("A repository that nobody opens is none");
        }
        Ulid ulid = UlidCreator.getUlid(clock.millis());
        MasterKey master = new MasterKey(HexFormat.of().formatHex(ulid.toBytes()), Secret.random());
        String created = clock.instant().toString();
        List<KeySlot> slots = new ArrayList<>();
        for (WrappingKey key : with) {
            slots.add(KeySlot.wrap(master, null, key, created, identity));
        }
        return store -> slots.forEach(slot -> slot.store(store));
    }

    /**
     * Opens every slot that one of the keys fits; slots of unknown methods and of others are left alone.
     *
     * @throws RepositoryException KEYS_MISSING if the repository has no key slot at all, WRONG_KEY if none is for one of
     *     these; if none opens and one might have, what hindered it, such as KMS_UNREACHABLE or OBJECT_DAMAGED
     */
    public static KeyRing open(ObjectStore store, List<? extends WrappingKey> with, RepositoryIdentity identity) {
        KeyRing ring = new KeyRing(store, with, identity);
        List<String> found = KeySlot.paths(store);
        if (found.isEmpty()) {
            throw new RepositoryException(
                    "KEYS_MISSING",
                    "The repository " + identity.id() + " in " + store.url() + " has no objects below keys/.",
                    "Bring keys/ back from a copy of the store; without it no backup can be read. If the repository was"
                            + " just being created, delete repo.json and create it again.");
        }
        List<RuntimeException> hindered = new ArrayList<>();
        for (String path : found) {
            ring.open(path, hindered);
        }
        if (ring.keys.isEmpty()) {
            throw ring.nothingOpened(found, hindered);
        }
        ring.warnIfRotatedPast();
        return ring;
    }

    private void open(String path, List<RuntimeException> hindered) {
        String kid = KeySlot.kidOf(path);
        kids.add(kid);
        KeySlot slot;
        try {
            slot = KeySlot.read(store, path);
        } catch (RepositoryException | StoreException e) {
            leaveOut(path, kid, e, hindered);
            return;
        }
        if (slot.scope() != null) {
            scoped.add(kid);
        }
        for (WrappingKey key : with) {
            if (keys.containsKey(kid)) {
                return; // One slot is enough: a key service is asked no more often than it must be.
            }
            try {
                slot.open(key, identity).ifPresent(master -> keys.put(kid, new Opened(master, slot.scope())));
            } catch (RepositoryException e) {
                leaveOut(path, kid, e, hindered);
            }
        }
    }

    /** Another slot may hold the same key: in an emergency one bad slot must not hide the good one. */
    private void leaveOut(String path, String kid, RuntimeException why, List<RuntimeException> hindered) {
        LOG.warn("The key slot {} is left out: {}", path, why.getMessage());
        hindered.add(why);
        if (isKeyService(why) && !keys.containsKey(kid)) {
            troubles.putIfAbsent(kid, why);
        }
    }

    /** Else a process that a rotation left out would write under a key that may be a thief's, and nobody would know. */
    private void warnIfRotatedPast() {
        String youngest = kids.last();
        if (!keys.containsKey(youngest) && !scoped.contains(youngest)) {
            LOG.warn(
                    "The youngest key {} of {} is not opened by the {}: what is written goes on under an older one.",
                    youngest,
                    store.url(),
                    openers);
        }
    }

    private RuntimeException nothingOpened(List<String> found, List<RuntimeException> hindered) {
        return hindered.stream()
                .filter(KeyRing::isKeyService)
                .findFirst()
                .or(() -> hindered.stream().findFirst())
                .orElseGet(() -> new RepositoryException(
                        "WRONG_KEY",
                        "None of the keys of " + store.url() + " is opened by the " + openers + ": "
                                + String.join(", ", kids) + ".",
                        "Slots are named keys/<key>/<method>-<whose>-<hash>; for a key file <whose> is its id. Use what"
                                + " one of these is for: " + String.join(", ", found)));
    }

    static boolean isKeyService(RuntimeException why) {
        return why instanceof RepositoryException known && known.code().startsWith("KMS_");
    }

    /** All kids that have a slot, also those that are not open. */
    Set<String> kids() {
        return new TreeSet<>(kids);
    }

    /** What is open, oldest first. */
    Map<String, Opened> opened() {
        return new TreeMap<>(keys);
    }

    /** @throws RepositoryException KMS_UNREACHABLE and the like, if the service would not open this key */
    @Override
    public Optional<MasterKey> find(String kid) {
        Opened found = keys.get(kid);
        return found != null ? Optional.of(found.key()) : findAgain(kid);
    }

    private synchronized Optional<MasterKey> findAgain(String kid) {
        retry(kid);
        RuntimeException trouble = troubles.get(kid);
        if (trouble != null) {
            throw trouble;
        }
        return Optional.ofNullable(keys.get(kid)).map(Opened::key);
    }

    /** A service that was away for a moment must not cost a process its restart. */
    private synchronized void retry(String kid) {
        Long last = asked.get(kid);
        if (!troubles.containsKey(kid) || (last != null && System.nanoTime() - last < PAUSE_NANOS)) {
            return;
        }
        List<String> slots = KeySlot.paths(store);
        troubles.remove(kid);
        for (String path : slots) {
            if (KeySlot.kidOf(path).equals(kid)) {
                open(path, new ArrayList<>());
            }
        }
        if (keys.containsKey(kid)) {
            troubles.remove(kid);
        }
        asked.put(kid, System.nanoTime());
    }

    private void retryNowAndThen() {
        if (!troubles.isEmpty() && System.nanoTime() - lastRetry > RETRY_NANOS) {
            lastRetry = System.nanoTime();
            List.copyOf(troubles.keySet()).forEach(this::retry);
        }
    }

    /** The youngest key whose scope is the object's source, or else the youngest for all. */
    @Override
    public MasterKey forWriting(String objectKey) {
        retryNowAndThen();
        String source = objectKey.startsWith("src/") ? objectKey.split("/")[1] : "";
        return keys.descendingMap().values().stream()
                .filter(opened -> source.equals(opened.scope()))
                .findFirst()
                .or(() -> keys.descendingMap().values().stream()
                        .filter(opened -> opened.scope() == null)
                        .findFirst())
                .map(Opened::key)
                .orElseThrow(() -> new RepositoryException(
                        "KEY_NOT_FOR_SOURCE",
                        "None of the opened keys may encrypt " + objectKey + ": their scopes are other sources.",
                        "Open the repository with a key file that opens a key for this source or for all."));
    }

    /**
     * The repository's oldest key for all sources: names made with it stay the same when keys are rotated. Where it is not
     * open no other takes its place, because another name for the same content is a conflict.
     */
    public MasterKey forNames() {
        for (String kid : kids) {
            find(kid);
            Opened opened = keys.get(kid);
            if (opened != null && opened.scope() == null) {
                return opened.key();
            }
            if (opened == null && !scoped.contains(kid)) {
                throw notForNames(kid + ", which it does not open");
            }
        }
        throw notForNames("one for all sources, and it opens none");
    }

    private RepositoryException notForNames(String which) {
        return new RepositoryException(
                "KEY_NOT_FOR_SOURCE",
                "The " + openers + " cannot make names of WAL objects: they need the repository's oldest key, " + which
                        + ".",
                "Use a key that opens the repository's first key, or bring that key's slot below keys/ back from a"
                        + " copy of the store.");
    }
}

package dev.muster.repository.keys;

import com.github.f4b6a3.ulid.Ulid;
import com.github.f4b6a3.ulid.UlidCreator;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.encryption.MasterKey;
import dev.muster.repository.encryption.Secret;
import dev.muster.repository.keys.SlotDescription.State;
import dev.muster.storage.ObjectMissingException;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.StoreException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a repository, and who opens them: listed, given, taken away, rotated. Objects are never rewritten. Each
 * call looks at the store anew, since others may change keys too; processes that have the repository open see nothing of
 * it until they open it again.
 */
public final class RepositoryKeys {
    private final ObjectStore store;
    private final RepositoryIdentity identity;
    private final List<WrappingKey> with;
    private final Clock clock;
    private final Consumer<WrappingKey> placeCheck;

    private RepositoryKeys(
            ObjectStore store,
            RepositoryIdentity identity,
            List<? extends WrappingKey> with,
            Clock clock,
            Consumer<WrappingKey> placeCheck) {
        this.store = store;
        this.identity = identity;
        this.with = List.copyOf(with);
        this.clock = clock;
        this.placeCheck = placeCheck;
    }

    /**
     * @param with what is at hand
     * @param placeCheck refuses a key that must not be given a slot
     * @throws RepositoryException as opening the repository does
     */
    public static RepositoryKeys open(
            ObjectStore store,
            RepositoryIdentity identity,
            List<? extends WrappingKey> with,
            Clock clock,
            Consumer<WrappingKey> placeCheck) {
        RepositoryKeys keys = new RepositoryKeys(store, identity, with, clock, placeCheck);
        keys.ring();
        return keys;
    }

    /** All slots, in the order of their keys' age; damaged ones too. */
    public List<SlotDescription> slots() {
        return KeySlot.paths(store).stream().map(this::describe).toList();
    }

    /**
     * Gives a key a slot for every master key, so that it opens every object and, with the oldest, may write WAL.
     *
     * @return the names of the new slots; empty if it opened all before
     * @throws RepositoryException KEY_NOT_OPEN if a master key is not open here: who was given this one would miss it
     */
    public List<String> add(WrappingKey key) {
        return add(key, ring().kids());
    }

    /** The same for some master keys only. */
    public List<String> add(WrappingKey key, Set<String> kids) {
        placeCheck.accept(key);
        KeyRing ring = ring();
        Map<String, KeyRing.Opened> opened = ring.opened();
        Set<String> closed = new TreeSet<>(kids);
        closed.removeAll(opened.keySet());
        if (!closed.isEmpty()) {
            throw new RepositoryException(
                    "KEY_NOT_OPEN",
                    "These keys of " + store.url() + " are not open, so nobody can be given them: "
                            + String.join(", ", closed) + ".",
                    "Add with a key that opens all of them, or name the ones to give; objects under the others will not"
                            + " open for the new key.");
        }
        List<KeySlot> slots = new ArrayList<>();
        for (String kid : new TreeSet<>(kids)) {
            if (!opens(kid, key)) {
                KeyRing.Opened master = Objects.requireNonNull(opened.get(kid));
                slots.add(wrap(master.key(), master.scope(), key));
            }
        }
        slots.forEach(this::write);
        return slots.stream().map(KeySlot::path).toList();
    }

    /**
     * Takes a slot away. What it has opened before stays known to who had it: rotate, too, if that is a thief.
     *
     * @throws RepositoryException KEY_SLOT_UNKNOWN; KEY_SLOT_LAST; KEY_SLOT_UNPROVEN if no key at hand opens another slot
     *     of the same master key: slots that nobody can show to work do not count
     */
    public void revoke(String slot) {
        List<String> paths = KeySlot.paths(store);
        if (!paths.contains(slot)) {
            throw new RepositoryException(
                    "KEY_SLOT_UNKNOWN",
                    "There is no key slot " + slot + " in " + store.url() + ".",
                    "List the slots; the name begins with keys/.");
        }
        String kid = KeySlot.kidOf(slot);
        boolean others = paths.stream()
                .anyMatch(path -> KeySlot.kidOf(path).equals(kid)
                        && !path.equals(slot)
                        && describe(path).state() != State.DAMAGED);
        if (!others) {
            throw new RepositoryException(
                    "KEY_SLOT_LAST",
                    "The slot " + slot + " is the only sound one of its key: without it nobody opens " + kid + ".",
                    "Give another key a slot first. A master key that no object needs is removed as a whole.");
        }
        requireProof(slot, kid);
        byte[] bytes = bytes(slot);
        store.delete(slot);
        try {
            // Somebody may have revoked the other one meanwhile, with this one as his proof.
            requireProof(slot, kid);
        } catch (RuntimeException e) {
            restore(slot, bytes);
            throw e;
        }
    }

    /**
     * Makes a new master key. Objects that exist keep theirs; processes use the new one when they open the repository
     * again.
     *
     * @return its kid
     * @throws RepositoryException ROTATION_LEAVES_OUT if somebody opens today's key and would not open the new one;
     *     KEY_CLOCK_WRONG
     */
    public String rotate(Rotation rotation) {
        rotation.holders().forEach(placeCheck);
        KeyRing ring = ring();
        MasterKey master = new MasterKey(nextKid(ring), Secret.random());
        if (!rotation.leaveOthersOut()) {
            refuseLeavingOut(ring, rotation);
        }
        List<KeySlot> slots = new ArrayList<>();
        for (WrappingKey holder : rotation.holders()) {
            slots.add(0, wrap(master, rotation.scope(), holder));
        }
        slots.forEach(this::write);
        return master.kid();
    }

    /** How many objects each master key encrypts, by kid; reads the first bytes of all objects. */
    public Map<String, Long> use(int threads, LongConsumer progress) {
        return KeyUse.count(store, threads, progress);
    }

    /**
     * Removes an old master key with all of its slots. All processes that write must have opened the repository again
     * since the rotation; that cannot be seen from here.
     *
     * @throws RepositoryException KEY_UNKNOWN; KEY_IN_USE if objects need it, if it is the newest of its scope, if it is
     *     the one that names WAL, or if a backup may be running; KEY_USE_UNKNOWN
     */
    public void removeKey(String kid, int threads, LongConsumer progress) {
        KeyRing ring = ring();
        KeyRing.Opened key = Optional.ofNullable(ring.opened().get(kid))
                .orElseThrow(() -> new RepositoryException(
                        "KEY_NOT_OPEN",
                        "The key " + kid + " is not open here, or " + store.url() + " has none of that id.",
                        "Remove it with a key that opens it: so nobody removes what he could not read."));
        KeyRemoval removal = new KeyRemoval(store);
        removal.requireOld(ring, kid, key.scope());
        removal.requireUnused(kid, threads, progress);
        List<KeySlot> slots = KeySlot.paths(store).stream()
                .filter(path -> KeySlot.kidOf(path).equals(kid))
                .map(path -> KeySlot.read(store, path))
                .toList();
        slots.forEach(slot -> store.delete(slot.path()));
        try {
            // Whoever wrote under it meanwhile is not left without it.
            removal.requireUnused(kid, threads, progress);
        } catch (RuntimeException e) {
            slots.forEach(slot -> slot.store(store));
            throw e;
        }
    }

    private void refuseLeavingOut(KeyRing ring, Rotation rotation) {
        String today = today(ring, rotation.scope());
        List<String> leftOut = KeySlot.paths(store).stream()
                .filter(path -> KeySlot.kidOf(path).equals(today))
                .filter(path -> rotation.holders().stream().noneMatch(holder -> opensSlot(path, holder)))
                .toList();
        if (!leftOut.isEmpty()) {
            throw new RepositoryException(
                    "ROTATION_LEAVES_OUT",
                    "These open the key of today and would not open what is written after the rotation: "
                            + String.join(", ", leftOut) + ".",
                    "Bring their keys too, the offline key from its safe among them; or say that they are to be left out"
                            + " (--leave-others-out), and give them slots later.");
        }
    }

    /** What is written under until now: the youngest key of that scope, or else for all; also one that is not open here. */
    private String today(KeyRing ring, @Nullable String scope) {
        Map<String, Optional<String>> scopes = new TreeMap<>();
        slots().forEach(slot -> scopes.merge(slot.kid(), slot.scope(), (one, other) -> one.isPresent() ? one : other));
        ring.opened().forEach((kid, opened) -> scopes.put(kid, Optional.ofNullable(opened.scope())));
        String today = "";
        boolean own = false;
        for (Map.Entry<String, Optional<String>> key : scopes.entrySet()) {
            boolean same = key.getValue().equals(Optional.ofNullable(scope));
            if (same || (!own && key.getValue().isEmpty())) {
                today = key.getKey();
                own |= same;
            }
        }
        return today;
    }

    private String nextKid(KeyRing ring) {
        Ulid now = UlidCreator.getUlid(clock.millis());
        String youngest = new TreeSet<>(ring.kids()).last();
        if (HexFormat.of().formatHex(now.toBytes()).compareTo(youngest) > 0) {
            return HexFormat.of().formatHex(now.toBytes());
        }
        try {
            // A clock was wrong once, or is now: the new one must sort behind all the same.
            String next = HexFormat.of()
                    .formatHex(Ulid.from(HexFormat.of().parseHex(youngest))
                            .increment()
                            .toBytes());
            if (next.compareTo(youngest) > 0) {
                return next;
            }
        } catch (IllegalArgumentException e) {
            throw clockWrong(youngest, e);
        }
        throw clockWrong(youngest, null);
    }

    private static RepositoryException clockWrong(String youngest, @Nullable Exception cause) {
        String message = "No key id sorts behind " + youngest + ", so that a new key would not be used.";
        String hint =
                "Look at the slots below keys/" + youngest + "/: Muster has not made them. Delete what is not yours.";
        return cause == null
                ? new RepositoryException("KEY_CLOCK_WRONG", message, hint)
                : new RepositoryException("KEY_CLOCK_WRONG", message, hint, cause);
    }

    private KeyRing ring() {
        return KeyRing.open(store, with, identity);
    }

    private KeySlot wrap(MasterKey master, @Nullable String scope, WrappingKey key) {
        return KeySlot.wrap(master, scope, key, clock.instant().toString(), identity);
    }

    private void write(KeySlot slot) {
        slot.store(store);
        KeySlot written = KeySlot.read(store, slot.path());
        if (!written.text().equals(slot.text())) {
            throw new IllegalStateException("The store gives other bytes than were written for " + slot.path());
        }
    }

    private boolean opens(String kid, WrappingKey key) {
        return KeySlot.paths(store).stream()
                .filter(path -> KeySlot.kidOf(path).equals(kid))
                .anyMatch(path -> opensSlot(path, key));
    }

    private boolean opensSlot(String path, WrappingKey key) {
        try {
            return KeySlot.read(store, path).open(key, identity).isPresent();
        } catch (RepositoryException | ObjectMissingException e) {
            return false; // Damaged, gone, or its service is away: not shown to open.
        }
    }

    private void requireProof(String slot, String kid) {
        boolean proven = KeySlot.paths(store).stream()
                .filter(path -> KeySlot.kidOf(path).equals(kid) && !path.equals(slot))
                .anyMatch(path -> with.stream().anyMatch(key -> opensSlot(path, key)));
        if (!proven) {
            throw new RepositoryException(
                    "KEY_SLOT_UNPROVEN",
                    "No key at hand opens another slot of " + kid + " than " + slot + ".",
                    "Nothing was revoked. Revoke with a key that stays: it shows that a slot that stays works.");
        }
    }

    private byte[] bytes(String slot) {
        try (java.io.InputStream stream = store.open(slot)) {
            return stream.readAllBytes();
        } catch (java.io.IOException e) {
            throw new RepositoryException(
                    "KEY_SLOT_UNREADABLE",
                    "The key slot " + slot + " in " + store.url() + " cannot be read: " + e.getMessage(),
                    "Check the store and the way to it.",
                    e);
        }
    }

    private void restore(String slot, byte[] bytes) {
        store.create(slot, new java.io.ByteArrayInputStream(bytes));
    }

    private SlotDescription describe(String path) {
        String kid = KeySlot.kidOf(path);
        KeySlot slot;
        try {
            slot = KeySlot.read(store, path);
        } catch (RepositoryException | StoreException e) {
            return new SlotDescription(
                    path, kid, "", Optional.empty(), "", State.DAMAGED, Optional.ofNullable(e.getMessage()));
        }
        State state = State.FOR_OTHERS;
        Optional<String> trouble = Optional.empty();
        for (WrappingKey key : with) {
            try {
                if (slot.open(key, identity).isPresent()) {
                    state = State.OPENS;
                    trouble = Optional.empty();
                    break;
                }
            } catch (RepositoryException e) {
                state = e.code().equals("OBJECT_DAMAGED") ? State.DAMAGED : State.HINDERED;
                trouble = Optional.ofNullable(e.getMessage());
            }
        }
        return new SlotDescription(
                path, kid, slot.method(), Optional.ofNullable(slot.scope()), slot.created(), state, trouble);
    }
}

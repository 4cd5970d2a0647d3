package dev.muster.repository.keys;

import dev.muster.repository.JsonObjects;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.encryption.EncryptedStore;
import dev.muster.repository.encryption.MasterKey;
import dev.muster.repository.encryption.Secret;
import dev.muster.repository.keys.SlotDescription.State;
import dev.muster.repository.locks.LockedStore;
import dev.muster.storage.ObjectMissingException;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.StoreException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
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
        Set<String> revoked = Revocations.slots(store);
        return KeySlot.paths(store).stream()
                .map(path -> describe(path, revoked))
                .toList();
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
        Set<String> revoked = Revocations.slots(store);
        for (String kid : new TreeSet<>(kids)) {
            if (!opens(kid, key, revoked)) {
                KeyRing.Opened master = Objects.requireNonNull(opened.get(kid));
                slots.add(wrap(master.key(), master.scope(), key));
            }
        }
        slots.forEach(this::write);
        return slots.stream().map(KeySlot::path).toList();
    }

    /**
     * Takes a slot away. What it has opened before stays known to who had it: rotate, too, if that is a thief. Killed
     * anywhere, it leaves the slot or another one that opens; called again, it goes on.
     *
     * @return until when the slot is still there and opens, as it is locked; empty if it is gone
     * @throws RepositoryException KEY_SLOT_UNKNOWN; KEY_SLOT_LAST; KEY_SLOT_UNPROVEN if no key at hand opens another slot
     *     of the same master key that nobody revokes: slots that nobody can show to work do not count
     */
    public Optional<Instant> revoke(String slot) {
        List<String> paths = KeySlot.paths(store);
        if (!paths.contains(slot)) {
            if (Revocations.slots(store).contains(slot)) {
                revocations().end(slot); // Of one that was killed when it had taken the slot away.
                return Optional.empty();
            }
            throw new RepositoryException(
                    "KEY_SLOT_UNKNOWN",
                    "There is no key slot " + slot + " in " + store.url() + ".",
                    "List the slots; the name begins with keys/.");
        }
        String kid = KeySlot.kidOf(slot);
        boolean others = paths.stream()
                .anyMatch(path -> KeySlot.kidOf(path).equals(kid)
                        && !path.equals(slot)
                        && describe(path, Set.of()).state() != State.DAMAGED);
        if (!others) {
            throw new RepositoryException(
                    "KEY_SLOT_LAST",
                    "The slot " + slot + " is the only sound one of its key: without it nobody opens " + kid + ".",
                    "Give another key a slot first. A master key that no object needs is removed as a whole.");
        }
        requireProof(slot, kid);
        Revocations revocations = revocations();
        String own = revocations.begin(slot, false, clock.instant());
        try {
            // Somebody may revoke the other one with this one as his proof: of both, one sees the other's revocation.
            requireProof(slot, kid);
        } catch (RuntimeException e) {
            revocations.withdraw(own);
            throw e;
        }
        Optional<Instant> locked = lockedUntil(slot);
        if (locked.isEmpty()) {
            store.delete(slot);
            revocations.end(slot);
        }
        return locked;
    }

    /** Deleting what is locked would hide it, ring an alarm, and take nothing away. */
    private Optional<Instant> lockedUntil(String slot) {
        return store instanceof LockedStore locks ? locks.lockEnd(slot) : Optional.empty();
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
        MasterKey master = new MasterKey(NextKid.after(ring.kids(), clock), Secret.random());
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
        refuseLocked(kid, slots);
        slots.forEach(slot -> store.delete(slot.path()));
        try {
            // Whoever wrote under it meanwhile is not left without it.
            removal.requireUnused(kid, threads, progress);
        } catch (RuntimeException e) {
            slots.forEach(slot -> slot.store(store));
            throw e;
        }
        Revocations revocations = revocations();
        slots.forEach(slot -> revocations.end(slot.path()));
    }

    /** Also says that they are to go, so that no backup extends their locks any more. */
    private void refuseLocked(String kid, List<KeySlot> slots) {
        Optional<Instant> last = slots.stream()
                .flatMap(slot -> lockedUntil(slot.path()).stream())
                .max(Instant::compareTo);
        if (last.isEmpty()) {
            return;
        }
        Revocations revocations = revocations();
        Set<String> known = Revocations.slots(store);
        slots.stream()
                .map(KeySlot::path)
                .filter(slot -> !known.contains(slot))
                .forEach(slot -> revocations.begin(slot, true, clock.instant()));
        throw new RepositoryException(
                "KEY_SLOT_LOCKED",
                "The slots of the key " + kid + " in " + store.url() + " are locked until " + last.get() + ".",
                "Nothing was removed. No backup extends these locks any more: remove the key again after that time.");
    }

    private void refuseLeavingOut(KeyRing ring, Rotation rotation) {
        String today = today(ring, rotation.scope());
        List<String> leftOut = KeySlot.paths(store).stream()
                .filter(path -> KeySlot.kidOf(path).equals(today))
                .filter(path -> !isHeld(path, rotation.holders()))
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

    /** @throws RepositoryException KMS_UNREACHABLE and the like: whether one of them opens it cannot be told now */
    private boolean isHeld(String path, List<WrappingKey> holders) {
        List<RepositoryException> hindered = new ArrayList<>();
        for (WrappingKey holder : holders) {
            try {
                if (KeySlot.read(store, path).open(holder, identity).isPresent()) {
                    return true;
                }
            } catch (RepositoryException e) {
                hindered.add(e);
            } catch (ObjectMissingException gone) {
                return true; // Revoked since it was listed.
            }
        }
        hindered.stream().filter(KeyRing::isKeyService).findFirst().ifPresent(away -> {
            throw new RepositoryException(
                    away.code(),
                    "Nothing was rotated: whether the slot " + path
                            + " is one of those that are to open the new key cannot be told now. " + away.getMessage(),
                    "Rotate when the key service answers; no backup and no restore waits for that. Leaving others out is no"
                            + " way around it: the service's key would not open what is written from then on.",
                    away);
        });
        return false;
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

    private boolean opens(String kid, WrappingKey key, Set<String> revoked) {
        return KeySlot.paths(store).stream()
                .filter(path -> KeySlot.kidOf(path).equals(kid) && !revoked.contains(path))
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
        // Before the slots: one whose revocation has just ended is gone by then.
        Set<String> revoked = Revocations.slots(store);
        boolean proven = KeySlot.paths(store).stream()
                .filter(path -> KeySlot.kidOf(path).equals(kid) && !path.equals(slot) && !revoked.contains(path))
                .anyMatch(path -> with.stream().anyMatch(key -> opensSlot(path, key)));
        if (!proven) {
            throw new RepositoryException(
                    "KEY_SLOT_UNPROVEN",
                    "No key at hand opens another slot of " + kid + " than " + slot + " that nobody revokes.",
                    "Nothing was revoked. Revoke with a key that stays: it shows that a slot that stays works. If its own"
                            + " slot is listed as revoked, add that key again first.");
        }
    }

    private Revocations revocations() {
        return new Revocations(store, new JsonObjects(new EncryptedStore(store, identity.id(), ring())));
    }

    private SlotDescription describe(String path, Set<String> revoked) {
        String kid = KeySlot.kidOf(path);
        KeySlot slot;
        try {
            slot = KeySlot.read(store, path);
        } catch (RepositoryException | StoreException e) {
            return new SlotDescription(
                    path,
                    kid,
                    "",
                    Optional.empty(),
                    "",
                    State.DAMAGED,
                    Optional.ofNullable(e.getMessage()),
                    revoked.contains(path));
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
                path,
                kid,
                slot.method(),
                Optional.ofNullable(slot.scope()),
                slot.created(),
                state,
                trouble,
                revoked.contains(path));
    }
}

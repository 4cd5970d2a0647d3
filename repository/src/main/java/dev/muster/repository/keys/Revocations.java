package dev.muster.repository.keys;

import com.github.f4b6a3.ulid.UlidCreator;
import dev.muster.repository.JsonObjects;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.storage.ObjectMissingException;
import dev.muster.storage.ObjectStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which slots are being taken away. Who revokes one says so here before he looks for another slot that stays, and a slot
 * that is named here does not count as one. So of two who revoke each other's, each killed wherever, one sees the other.
 */
public final class Revocations {
    private static final String FOLDER = "revoke/";
    private static final Pattern FORM = Pattern.compile("revoke/([0-9a-f]{32})/([^/]+)/([0-7][0-9A-HJKMNP-TV-Z]{25})");

    private final ObjectStore store;
    private final JsonObjects documents;

    public Revocations(ObjectStore store, JsonObjects documents) {
        this.store = store;
        this.documents = documents;
    }

    /**
     * Durable on return.
     *
     * @return the key of the object that says so
     */
    String begin(String slot, boolean whole, Instant now) {
        String id = UlidCreator.getUlid().toString();
        String key = folder(slot) + id;
        Revocation wanted = new Revocation(Revocation.FORMAT, Revocation.VERSION, slot, whole, id, now.toString());
        documents.create(key, ObjectType.REVOKE, wanted, Revocation.class);
        return key;
    }

    /** Takes one revocation back. Only who began it may: another one's may be about to take the slot away. */
    void withdraw(String key) {
        store.delete(key);
    }

    /** Forgets all revocations of a slot that is gone. */
    void end(String slot) {
        List<String> ended = new ArrayList<>();
        store.list(folder(slot), object -> ended.add(object.key()));
        ended.forEach(store::delete);
    }

    /** The slots that are named, by whomever: one too many only keeps slots from being revoked. */
    static Set<String> slots(ObjectStore store) {
        Set<String> slots = new TreeSet<>();
        store.list(FOLDER, object -> slot(object.key()).ifPresent(slots::add));
        return slots;
    }

    /**
     * Those of the slots whose locks need not be extended any more: somebody with the key has revoked them, and their master
     * key has another slot, or is to go as a whole. What cannot be read revokes nothing, as anybody may have put it there.
     */
    public Set<String> lapsing(Collection<String> slots) {
        Map<String, Boolean> whole = new HashMap<>();
        store.list(
                FOLDER,
                object -> slot(object.key())
                        .flatMap(slot -> read(object.key(), slot))
                        .ifPresent(found -> whole.merge(found.slot(), found.whole(), Boolean::logicalOr)));
        Set<String> staying = new HashSet<>();
        slots.stream()
                .filter(slot -> !whole.containsKey(slot))
                .map(KeySlot::kidOf)
                .forEach(staying::add);
        Set<String> lapsing = new TreeSet<>();
        for (String slot : slots) {
            if (whole.getOrDefault(slot, false) || (whole.containsKey(slot) && staying.contains(KeySlot.kidOf(slot)))) {
                lapsing.add(slot);
            }
        }
        return lapsing;
    }

    private Optional<Revocation> read(String key, String slot) {
        try {
            Revocation found = documents.read(key, ObjectType.REVOKE, Revocation.class);
            boolean own = found.slot().equals(slot) && key.endsWith("/" + found.revocation());
            return own ? Optional.of(found) : Optional.empty();
        } catch (ObjectMissingException | RepositoryException unreadable) {
            return Optional.empty();
        }
    }

    private static Optional<String> slot(String key) {
        Matcher form = FORM.matcher(key);
        return form.matches() ? Optional.of(KeySlot.FOLDER + form.group(1) + "/" + form.group(2)) : Optional.empty();
    }

    private static String folder(String slot) {
        return FOLDER + slot.substring(KeySlot.FOLDER.length()) + "/";
    }
}

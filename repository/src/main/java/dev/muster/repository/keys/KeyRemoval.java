package dev.muster.repository.keys;

import dev.muster.repository.RepositoryException;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.layout.ObjectName;
import dev.muster.storage.ObjectStore;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Whether an old master key may go: nothing that is there, or is being written, may need it. */
final class KeyRemoval {
    private final ObjectStore store;

    KeyRemoval(ObjectStore store) {
        this.store = store;
    }

    /** @throws RepositoryException KEY_IN_USE, whatever objects there are */
    void requireOld(KeyRing ring, String kid, @Nullable String scope) {
        requireNeitherNewestNorNaming(ring, kid, scope);
        requireNoRunningBackups(kid);
    }

    /** A running one may have written nothing yet under the key that it opened. */
    private void requireNoRunningBackups(String kid) {
        Set<String> decided = new TreeSet<>();
        store.list("src/", object -> {
            if (ObjectName.of(object.key()) instanceof ObjectName.OfBackup name && name.kind() == ObjectType.COMMIT) {
                decided.add(name.backup());
            }
        });
        store.list("lease/", object -> {
            if (ObjectName.of(object.key()) instanceof ObjectName.Lease lease && !decided.contains(lease.backup())) {
                throw inUse(kid, "the backup of " + lease.key() + " may be running, and may use it still");
            }
        });
    }

    /** @throws RepositoryException KEY_IN_USE if objects need it; KEY_USE_UNKNOWN if one may */
    void requireUnused(String kid, int threads, LongConsumer progress) {
        Map<String, Long> use = KeyUse.count(store, threads, progress);
        long objects = use.getOrDefault(kid, 0L);
        if (objects > 0) {
            throw inUse(kid, objects + " objects are encrypted under it");
        }
        // One flipped bit there, and an object that this key still opens names another one.
        Set<String> unknown = new TreeSet<>(use.keySet());
        KeySlot.paths(store).forEach(path -> unknown.remove(KeySlot.kidOf(path)));
        if (!unknown.isEmpty()) {
            throw new RepositoryException(
                    "KEY_USE_UNKNOWN",
                    "Objects say that they are encrypted under keys that have no slot: " + String.join(", ", unknown)
                            + ".",
                    "Nothing was removed. Verify the content: they are damaged, or slots were lost, and may need this very"
                            + " key. Bring what is damaged from another copy of the repository.");
        }
    }

    private static void requireNeitherNewestNorNaming(KeyRing ring, String kid, @Nullable String scope) {
        boolean younger = ring.opened().entrySet().stream()
                .anyMatch(other -> other.getKey().compareTo(kid) > 0
                        && Objects.equals(other.getValue().scope(), scope));
        if (!younger) {
            throw inUse(kid, "it is the newest of its scope, under which the next objects are written");
        }
        boolean older = ring.opened().entrySet().stream()
                .anyMatch(other ->
                        other.getKey().compareTo(kid) < 0 && other.getValue().scope() == null);
        if (scope == null && !older) {
            throw new RepositoryException(
                    "KEY_IN_USE",
                    "The key " + kid + " stays: it is the oldest one, which makes the names of all WAL.",
                    "Nothing was removed, and it stays as long as the repository. Revoke the slots of those who are not"
                            + " to have it.");
        }
    }

    private static RepositoryException inUse(String kid, String why) {
        return new RepositoryException(
                "KEY_IN_USE",
                "The key " + kid + " stays: " + why + ".",
                "Nothing was removed. Try again when expiry has removed what needs it.");
    }
}

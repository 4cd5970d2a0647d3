package dev.muster.repository.locks;

import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.layout.ObjectName;
import dev.muster.storage.Retention;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Which lock an object gets, by its key. */
final class LockRules {
    /** Longer than a weekend without WAL: until then the parts of an open segment are all there is of it. */
    static final Duration PART = Duration.ofDays(3);

    private static final List<String> UNKEPT = List.of("lease/", "probe/", "read/", "replica/", "revoke/");

    private LockRules() {}

    /**
     * Empty for what is locked as long as the store says. Leases, marks and probes have no lock: who may delete takes
     * them away, and nothing that can be restored hangs on them.
     *
     * @param time for which the store locks
     */
    static Optional<Retention> retention(String key, Duration time) {
        ObjectName name = ObjectName.of(key);
        if (name instanceof ObjectName.Wal wal && wal.kind() == ObjectType.WAL_PART) {
            return Optional.of(Retention.of(PART.compareTo(time) < 0 ? PART : time));
        }
        return isKept(name) ? Optional.empty() : Optional.of(Retention.none());
    }

    /** Whether the object, once created, is needed until its lock ends. */
    static boolean isKept(String key) {
        return isKept(ObjectName.of(key));
    }

    private static boolean isKept(ObjectName name) {
        return !(name instanceof ObjectName.Lease)
                && (!(name instanceof ObjectName.Other) || name.key().equals(ObjectName.REPOSITORY));
    }

    /**
     * Whether a manifest or a map names it, so that it is needed also behind a delete marker and without a lock. All else
     * is found by listing: expiry deletes it when its lock has ended, and then it is gone.
     */
    static boolean isNamed(String key) {
        return ObjectName.of(key) instanceof ObjectName.OfBackup part && part.kind() != ObjectType.COMMIT;
    }

    /** Whether a second object of this name must never come about, not even above a delete marker. */
    static boolean decides(String key) {
        ObjectName name = ObjectName.of(key);
        return key.equals(ObjectName.REPOSITORY)
                || (name instanceof ObjectName.OfBackup part && part.kind() == ObjectType.COMMIT);
    }

    /** Whether something that is kept may lie below a prefix. */
    static boolean mayBeBelow(String prefix) {
        return UNKEPT.stream().noneMatch(prefix::startsWith);
    }
}

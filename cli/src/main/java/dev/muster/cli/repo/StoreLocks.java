package dev.muster.cli.repo;

import dev.muster.repository.expiry.ObjectLocks;
import dev.muster.storage.ObjectLock;
import dev.muster.storage.ObjectMissingException;
import dev.muster.storage.StoreException;
import java.time.Clock;
import java.util.Optional;

/** Asks a store before a delete: with versions a locked object only hides, and would be told as gone. */
final class StoreLocks {
    private static final String NO_LOCKS = "STORE_UNSUPPORTED";

    private StoreLocks() {}

    static ObjectLocks of(Optional<ObjectLock> lock, Clock clock) {
        return lock.<ObjectLocks>map(one -> key -> locked(one, key, clock)).orElse(ObjectLocks.NONE);
    }

    private static boolean locked(ObjectLock lock, String key, Clock clock) {
        try {
            return lock.lockedUntil(key).filter(clock.instant()::isBefore).isPresent();
        } catch (ObjectMissingException gone) {
            return false;
        } catch (StoreException e) {
            if (e.code().equals(NO_LOCKS)) {
                return false;
            }
            throw e;
        }
    }
}

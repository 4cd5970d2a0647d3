package dev.muster.repository.replication;

import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.StoredObjects;
import dev.muster.repository.encryption.Damage;
import dev.muster.repository.layout.ObjectName;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectWriter;
import java.io.IOException;
import java.io.InputStream;

/** How one object's stored bytes come out of the origin. */
@FunctionalInterface
interface Transfer {
    /**
     * @param size that the origin's listing gave
     * @throws RepositoryException OBJECT_DAMAGED, OBJECT_UNREADABLE; the target is then given up
     */
    void copy(String key, long size, ObjectWriter target);

    /** Checks each tag on the way: what is damaged in the origin does not reach the replica. */
    static Transfer checked(Repository origin) {
        StoredObjects objects = origin.stored();
        return (key, size, target) -> objects.copy(ObjectName.of(key).type().orElseThrow(), key, size, target);
    }

    /** Passes on what the origin has; only the size is checked. */
    static Transfer plain(ObjectStore origin) {
        return (key, size, target) -> {
            long copied = 0;
            try (InputStream stream = origin.open(key)) {
                byte[] buffer = new byte[256 << 10];
                for (int read = stream.read(buffer); read >= 0; read = stream.read(buffer)) {
                    target.write(buffer, 0, read);
                    copied += read;
                }
            } catch (IOException e) {
                throw new RepositoryException(
                        "OBJECT_UNREADABLE",
                        "The object " + key + " cannot be read from " + origin.url() + ": " + e.getMessage(),
                        "Check the store and the way to it; the read may be tried again.",
                        e);
            }
            if (copied != size) {
                throw Damage.of(key, "it has " + copied + " bytes; a moment ago the store said " + size);
            }
        };
    }
}

package dev.muster.repository;

import dev.muster.repository.encryption.Damage;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.storage.ObjectMissingException;
import dev.muster.storage.ObjectStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What writers say of the backups that they are about to write. */
final class Leases {
    private final ObjectStore store;
    private final JsonObjects documents;

    Leases(ObjectStore store, JsonObjects documents) {
        this.store = store;
        this.documents = documents;
    }

    void write(String writer, String source, String backup, Instant started) {
        Lease lease = new Lease(Lease.FORMAT, Lease.VERSION, writer, source, backup, started.toString());
        documents.create(Paths.lease(writer, backup), ObjectType.LEASE, lease, Lease.class);
    }

    /** In the order of writers. */
    List<Lease> all() {
        List<Lease> leases = new ArrayList<>();
        store.list("lease/", object -> {
            Lease lease;
            try {
                lease = documents.read(object.key(), ObjectType.LEASE, Lease.class);
            } catch (ObjectMissingException gone) {
                return; // Cleaned up since it was listed.
            }
            if (!object.key().equals(Paths.lease(lease.writer(), lease.backup()))) {
                throw Damage.of(object.key(), "it is the lease of another backup");
            }
            leases.add(lease);
        });
        return List.copyOf(leases);
    }
}

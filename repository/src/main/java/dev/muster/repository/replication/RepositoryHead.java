package dev.muster.repository.replication;

import dev.muster.repository.RepositoryException;
import dev.muster.repository.encryption.Damage;
import dev.muster.repository.frames.Sha256;
import dev.muster.repository.layout.ObjectName;
import dev.muster.repository.verification.Problem;
import dev.muster.repository.verification.Problems;
import dev.muster.storage.ObjectExistsException;
import dev.muster.storage.ObjectInfo;
import dev.muster.storage.ObjectMissingException;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.StoreException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Copies what makes a store a repository, and what opens it: repo.json, then the key slots. */
final class RepositoryHead {
    private static final int MAX_SIZE = 64 << 10;

    private final ObjectStore origin;
    private final ObjectStore replica;
    private final boolean isNew;
    private final Problems problems;
    private final ReplicationProgress progress;
    private final Set<String> seen = new HashSet<>();

    /**
     * @param isNew whether an empty replica is meant to be one
     * @param problems takes damaged slots, which are left out: another one may open the same key
     */
    RepositoryHead(
            ObjectStore origin, ObjectStore replica, boolean isNew, Problems problems, ReplicationProgress progress) {
        this.origin = origin;
        this.replica = replica;
        this.isNew = isNew;
        this.problems = problems;
        this.progress = progress;
    }

    /**
     * @throws RepositoryException NOT_A_REPOSITORY, REPLICA_IS_ORIGIN, REPLICA_EMPTY, REPLICA_NOT_EMPTY,
     *     REPLICA_OTHER_REPOSITORY
     */
    void copy() {
        if (SameStore.is(origin, replica)) {
            throw new RepositoryException(
                    "REPLICA_IS_ORIGIN",
                    "The replica would be the store " + origin.url() + " itself.",
                    "Name another store: a copy in the same place protects from nothing.");
        }
        byte[] description = description();
        if (ObjectCopier.inReplica(() -> replica.find(ObjectName.REPOSITORY)).isEmpty()) {
            requireEmpty();
            if (!isNew) {
                new KnownReplicas(origin).begin(replica);
            }
            create(ObjectName.REPOSITORY, description);
        }
        if (!Arrays.equals(description, ObjectCopier.inReplica(() -> read(replica, ObjectName.REPOSITORY)))) {
            throw new RepositoryException(
                    "REPLICA_OTHER_REPOSITORY",
                    "The store " + replica.url() + " does not hold the repository of " + origin.url()
                            + ": its repo.json has other bytes.",
                    "Nothing was written. Give each repository stores of its own; copy into an empty one.");
        }
        new KnownReplicas(origin).remember(replica);
        copyKeys();
    }

    private byte[] description() {
        try {
            return read(origin, ObjectName.REPOSITORY);
        } catch (ObjectMissingException e) {
            throw new RepositoryException(
                    "NOT_A_REPOSITORY",
                    "There is no repository in " + origin.url() + ": it has no " + ObjectName.REPOSITORY + ".",
                    "Check the URL.",
                    e);
        }
    }

    private void requireEmpty() {
        List<String> found = new ArrayList<>();
        ObjectCopier.inReplica(() -> {
            replica.list("", object -> {
                if (found.isEmpty()) {
                    found.add(object.key());
                }
            });
            return replica;
        });
        if (!found.isEmpty()) {
            throw new RepositoryException(
                    "REPLICA_NOT_EMPTY",
                    "The store " + replica.url() + " holds objects, such as " + found.get(0)
                            + ", but no repo.json, so it is no copy of a repository.",
                    "Nothing was written. Name an empty store; or, if repo.json was lost there, put the origin's back.");
        }
    }

    /** The key slots that this run has not seen yet: a key may be made while it runs. */
    void copyKeys() {
        List<ObjectInfo> slots = new ArrayList<>();
        origin.list("keys/", slots::add);
        for (ObjectInfo slot : slots) {
            if (ObjectName.of(slot.key()) instanceof ObjectName.KeySlot name && seen.add(slot.key())) {
                copy(name);
            }
        }
        if (slots.isEmpty()) {
            problems.add(new Problem(
                    "KEYS_MISSING",
                    "keys/",
                    Optional.empty(),
                    "The repository in " + origin.url() + " has no objects below keys/.",
                    "Bring keys/ back from a copy of the store; without it no backup can be read."));
        }
    }

    private void copy(ObjectName.KeySlot slot) {
        try {
            if (ObjectCopier.inReplica(() -> replica.find(slot.key())).isPresent()) {
                compare(slot);
                return;
            }
            byte[] bytes = read(origin, slot.key());
            if (!fits(slot, bytes)) {
                throw Damage.of(slot.key(), "its bytes do not have the SHA-256 that its name ends with");
            }
            create(slot.key(), bytes);
        } catch (ObjectMissingException e) {
            return; // Taken away since it was listed.
        } catch (RepositoryException | StoreException e) {
            problems.add(Problem.of(slot.key(), e));
        }
    }

    private void compare(ObjectName.KeySlot slot) {
        if (fits(slot, ObjectCopier.inReplica(() -> read(replica, slot.key())))) {
            return;
        }
        throw new RepositoryException(
                "REPLICA_DIFFERS",
                "The key slot " + slot.key() + " in " + replica.url()
                        + " does not have the SHA-256 that its name ends with.",
                "It is damaged, and whom it is for may not open the replica. Take it away there by hand; the next run"
                        + " copies the good one.");
    }

    private static boolean fits(ObjectName.KeySlot slot, byte[] bytes) {
        return Sha256.hash(bytes).toString().startsWith(slot.hash());
    }

    private void create(String key, byte[] bytes) {
        try {
            ObjectCopier.inReplica(() -> {
                replica.create(key, new ByteArrayInputStream(bytes));
                return key;
            });
            progress.copied(key, bytes.length);
        } catch (ObjectExistsException e) {
            return; // Another run was quicker; what is there is compared or named by its hash.
        }
    }

    private static byte[] read(ObjectStore store, String key) {
        try (InputStream stream = store.open(key)) {
            return stream.readNBytes(MAX_SIZE);
        } catch (IOException e) {
            throw new RepositoryException(
                    "OBJECT_UNREADABLE",
                    "The object " + key + " cannot be read from " + store.url() + ": " + e.getMessage(),
                    "Check the store and the way to it; the read may be tried again.",
                    e);
        }
    }
}

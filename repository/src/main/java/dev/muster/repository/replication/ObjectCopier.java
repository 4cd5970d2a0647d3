package dev.muster.repository.replication;

import dev.muster.repository.RepositoryException;
import dev.muster.repository.layout.ObjectName;
import dev.muster.repository.verification.Problem;
import dev.muster.repository.verification.Problems;
import dev.muster.repository.work.StoreAnswers;
import dev.muster.storage.ObjectExistsException;
import dev.muster.storage.ObjectInfo;
import dev.muster.storage.ObjectMissingException;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectWriter;
import dev.muster.storage.StoreException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** Copies single objects as they are stored, each whole or not at all, and never over one that is there. Thread-safe. */
final class ObjectCopier {
    private final ObjectStore origin;
    private final ObjectStore replica;
    private final Transfer transfer;
    private final Transfer plain;
    private final ReplicationProgress progress;
    private final Problems problems;
    private final AtomicLong objects = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

    /** What became of one. */
    enum Outcome {
        COPIED,
        PRESENT,
        /** A problem says why. */
        FAILED,
        /** Expiry took it from the origin since it was listed. */
        GONE
    }

    ObjectCopier(
            ObjectStore origin,
            ObjectStore replica,
            Transfer transfer,
            ReplicationProgress progress,
            Problems problems) {
        this.origin = origin;
        this.replica = replica;
        this.transfer = transfer;
        this.plain = Transfer.plain(origin);
        this.progress = progress;
        this.problems = problems;
    }

    long objects() {
        return objects.get();
    }

    long bytes() {
        return bytes.get();
    }

    /**
     * @param there its size in the replica, if a listing had it
     * @throws ReplicaFailedException if the replica's store is the trouble
     * @throws StoreException if the origin's store is away
     */
    Outcome copy(ObjectInfo object, Optional<Long> there) {
        if (there.isPresent()) {
            return compare(object, there.get());
        }
        return create(object, true);
    }

    /** @param again whether it is tried once more if only a short outage of the origin was the trouble */
    private Outcome create(ObjectInfo object, boolean again) {
        try {
            return create(object);
        } catch (ObjectExistsException e) {
            // Another run was quicker, or our own creation was answered with an error although it was done.
            return compareWithFound(object, e);
        } catch (ObjectMissingException e) {
            return Outcome.GONE;
        } catch (RepositoryException | StoreException e) {
            if (StoreAnswers.mayBeAway(e)) {
                StoreAnswers.require(origin);
                if (again) {
                    return create(object, false);
                }
            }
            problems.add(Problem.of(object.key(), e));
            return Outcome.FAILED;
        }
    }

    private Outcome compareWithFound(ObjectInfo object, ObjectExistsException refused) {
        Optional<ObjectInfo> found = inReplica(() -> replica.find(object.key()));
        if (found.isPresent()) {
            return compare(object, found.get().size());
        }
        problems.add(Problem.of(object.key(), refused));
        return Outcome.FAILED;
    }

    private Outcome create(ObjectInfo object) {
        ReplicaWriter writer = new ReplicaWriter(inReplica(() -> replica.create(object.key())));
        try (writer) {
            // What newer programs have put there has a type that is not known here, and no tag that could be checked.
            Transfer fitting = ObjectName.of(object.key()).type().isPresent() ? transfer : plain;
            fitting.copy(object.key(), object.size(), writer);
            writer.commit();
        }
        objects.incrementAndGet();
        bytes.addAndGet(object.size());
        progress.copied(object.key(), object.size());
        return Outcome.COPIED;
    }

    private Outcome compare(ObjectInfo object, long size) {
        if (size == object.size()) {
            return Outcome.PRESENT;
        }
        problems.add(new Problem(
                "REPLICA_DIFFERS",
                object.key(),
                Optional.empty(),
                "The object " + object.key() + " has " + object.size() + " bytes in " + origin.url() + " and " + size
                        + " in " + replica.url() + ".",
                "One of them is damaged or written by somebody else: verify both stores, then take the bad one away by"
                        + " hand; the next run copies the good one."));
        return Outcome.FAILED;
    }

    static <T> T inReplica(Supplier<T> call) {
        try {
            return call.get();
        } catch (ObjectExistsException | ObjectMissingException e) {
            throw e;
        } catch (StoreException e) {
            throw new ReplicaFailedException(e);
        }
    }

    /** Tells the replica's failures from the origin's. */
    private record ReplicaWriter(ObjectWriter writer) implements ObjectWriter {
        @Override
        public void write(byte[] from, int offset, int length) {
            inReplica(() -> {
                writer.write(from, offset, length);
                return length;
            });
        }

        @Override
        public void commit() {
            inReplica(() -> {
                writer.commit();
                return writer;
            });
        }

        @Override
        public void close() {
            writer.close();
        }
    }
}

package dev.muster.repository.replication;

import dev.muster.storage.StoreException;

/** The replica's store does not take objects just now: going on would only fail for each of the others, too. */
final class ReplicaFailedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient StoreException trouble;

    ReplicaFailedException(StoreException trouble) {
        super(trouble);
        this.trouble = trouble;
    }

    StoreException trouble() {
        return trouble;
    }
}

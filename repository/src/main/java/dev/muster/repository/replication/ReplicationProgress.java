package dev.muster.repository.replication;

/** Is told what was copied, by many threads at once. */
@FunctionalInterface
public interface ReplicationProgress {
    ReplicationProgress NONE = (key, bytes) -> {};

    /**
     * An object is durable in the replica.
     *
     * @param bytes of it, as stored
     */
    void copied(String key, long bytes);
}

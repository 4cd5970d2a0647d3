package dev.muster.repository.replication;

import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.layout.ObjectName;
import java.util.Locale;

/**
 * How far a store's WAL goes.
 *
 * @param system the cluster's identifier, in decimal
 * @param segment 24 digits, the first 8 being the timeline
 * @param to how many bytes of the segment; the largest number if all
 */
public record WalPosition(String system, String segment, long to) implements Comparable<WalPosition> {
    static WalPosition of(ObjectName.Wal wal) {
        long to = wal.kind() == ObjectType.WAL_SEGMENT ? Long.MAX_VALUE : wal.to();
        return new WalPosition(wal.system(), wal.segment().toUpperCase(Locale.ROOT), to);
    }

    /** By timeline, then by place on it; of two clusters, which is the later cannot be said, so by identifier. */
    @Override
    public int compareTo(WalPosition other) {
        int bySystem = system.compareTo(other.system);
        int bySegment = bySystem != 0 ? bySystem : segment.compareTo(other.segment);
        return bySegment != 0 ? bySegment : Long.compare(to, other.to);
    }

    @Override
    public String toString() {
        return segment + (to == Long.MAX_VALUE ? "" : " up to byte " + to);
    }
}

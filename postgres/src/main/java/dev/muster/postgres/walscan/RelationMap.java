package dev.muster.postgres.walscan;

import static dev.muster.postgres.walscan.LittleEndian.i32;
import static dev.muster.postgres.walscan.LittleEndian.u32;

import dev.muster.postgres.PostgresException;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * A pg_filenode.map: the files of the catalogues that cannot be looked up in pg_class, pg_class itself among them.
 *
 * @param files relfilenode by oid
 */
record RelationMap(Map<Long, Long> files) {
    static final String FILE = "pg_filenode.map";

    private static final int MAGIC = 0x592717;
    private static final int MAX_ENTRIES = 64;

    static RelationMap parse(byte[] bytes, int offset, int length, String origin) {
        int count = length < 8 ? -1 : i32(bytes, offset + 4);
        if (count < 0 || i32(bytes, offset) != MAGIC || count > MAX_ENTRIES || 8 + 8 * count > length) {
            throw new PostgresException(
                    "CATALOGUE_UNREADABLE",
                    "The relation map " + origin + " is not valid",
                    "Is the backup sound? Verify it.");
        }
        Map<Long, Long> files = new HashMap<>();
        for (int i = 0; i < count; i++) {
            files.put(u32(bytes, offset + 8 + 8 * i), u32(bytes, offset + 12 + 8 * i));
        }
        return new RelationMap(Map.copyOf(files));
    }

    /** The new map that a record of the relation map's resource manager holds. */
    static RelationMap of(WalRecord record) {
        return parse(
                record.bytes(), record.mainOffset() + 12, record.mainLength() - 12, "in the WAL at " + record.start());
    }

    OptionalLong file(long oid) {
        Long file = files.get(oid);
        return file == null ? OptionalLong.empty() : OptionalLong.of(file);
    }
}

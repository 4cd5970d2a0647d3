package dev.muster.postgres.backup;

import dev.muster.repository.Entry;
import dev.muster.repository.EntryPath;
import dev.muster.repository.MapRef;
import dev.muster.repository.frames.ContentHash;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The files of an earlier backup by path, packed into bytes: some 200 bytes a file instead of a kilobyte of objects, so
 * that a million files fit. Filled by one thread, then read by any number.
 */
final class AncestorFiles {
    private static final int CHUNK = 4 << 20;
    private static final int FIXED = Short.BYTES + Long.BYTES + Integer.BYTES;
    private static final int MAP = Short.BYTES + 2 * Integer.BYTES + 3 * Long.BYTES + ContentHash.LENGTH;

    private final List<ByteBuffer> chunks = new ArrayList<>();
    private final List<String> backups = new ArrayList<>();
    /** Chunk and offset of a file's record, or -1 where a place is free. */
    private long[] places = free(1 << 10);

    private int size;

    /** Keeps a file; others are not asked for. */
    void add(Entry entry) {
        if (entry.type() != Entry.Type.FILE) {
            return;
        }
        if ((size + 1) * 3L > places.length * 2L) {
            long[] old = places;
            places = free(old.length * 2);
            for (long record : old) {
                if (record >= 0) {
                    places[place(path(record))] = record;
                }
            }
        }
        byte[] path = entry.path().bytes();
        int length = FIXED + path.length + entry.maps().size() * MAP;
        ByteBuffer chunk = chunk(length);
        long record = (long) (chunks.size() - 1) << 32 | chunk.position();
        chunk.putShort((short) path.length).put(path).putLong(entry.size());
        chunk.putInt(entry.maps().size());
        for (MapRef map : entry.maps()) {
            chunk.putShort((short) backup(map.backup())).putInt(map.object()).putInt(map.length());
            chunk.putLong(map.offset()).putLong(map.from()).putLong(map.covered());
            map.hash().write(chunk);
        }
        places[place(path)] = record;
        size++;
    }

    int size() {
        return size;
    }

    Optional<Entry> find(String path) {
        EntryPath wanted = EntryPath.of(path);
        long record = places[place(wanted.bytes())];
        if (record < 0) {
            return Optional.empty();
        }
        ByteBuffer buffer = at(record);
        buffer.position(buffer.position() + Short.BYTES + wanted.bytes().length);
        long bytes = buffer.getLong();
        int count = buffer.getInt();
        List<MapRef> maps = new ArrayList<>(count);
        byte[] hash = new byte[ContentHash.LENGTH];
        for (int i = 0; i < count; i++) {
            String backup = backups.get(buffer.getShort() & 0xFFFF);
            int object = buffer.getInt();
            int length = buffer.getInt();
            long offset = buffer.getLong();
            long from = buffer.getLong();
            long covered = buffer.getLong();
            buffer.get(hash);
            maps.add(new MapRef(backup, object, offset, length, ContentHash.of(hash), from, covered));
        }
        return Optional.of(new Entry(Entry.Type.FILE, wanted, 0, null, null, bytes, Optional.empty(), maps, Map.of()));
    }

    private int backup(String id) {
        int known = backups.indexOf(id);
        if (known < 0) {
            known = backups.size();
            backups.add(id);
        }
        if (known > 0xFFFF) {
            throw new IllegalStateException("A backup refers to more than 65,536 others");
        }
        return known;
    }

    private ByteBuffer chunk(int length) {
        if (chunks.isEmpty() || chunks.get(chunks.size() - 1).remaining() < length) {
            chunks.add(ByteBuffer.allocate(Math.max(CHUNK, length)));
        }
        return chunks.get(chunks.size() - 1);
    }

    private ByteBuffer at(long record) {
        ByteBuffer buffer = chunks.get((int) (record >>> 32)).duplicate();
        return buffer.position((int) record);
    }

    private byte[] path(long record) {
        ByteBuffer buffer = at(record);
        byte[] path = new byte[buffer.getShort() & 0xFFFF];
        buffer.get(path);
        return path;
    }

    /** Where a path's record is, or would go. */
    private int place(byte[] path) {
        int hash = Arrays.hashCode(path) * 0x9E3779B9;
        int at = (hash ^ hash >>> 16) & (places.length - 1);
        while (places[at] >= 0 && !Arrays.equals(path(places[at]), path)) {
            at = (at + 1) & (places.length - 1);
        }
        return at;
    }

    private static long[] free(int length) {
        long[] places = new long[length];
        Arrays.fill(places, -1);
        return places;
    }
}

package dev.muster.sources.entries;

import dev.muster.repository.Entry;
import dev.muster.repository.EntryPath;
import dev.muster.repository.LinkTarget;
import dev.muster.repository.MapRef;
import dev.muster.repository.frames.ContentHash;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An entry as bytes, for a temporary file of this process only. */
final class EntryBytes {
    private EntryBytes() {}

    static byte[] write(Entry entry) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeUTF(entry.type().name());
            block(out, entry.path().bytes());
            out.writeInt(entry.mode());
            out.writeLong(entry.size());
            Entry.Owner owner = entry.owner();
            out.writeBoolean(owner != null);
            if (owner != null) {
                out.writeInt(owner.uid());
                out.writeInt(owner.gid());
            }
            Instant modified = entry.modified();
            out.writeBoolean(modified != null);
            if (modified != null) {
                out.writeLong(modified.getEpochSecond());
                out.writeInt(modified.getNano());
            }
            block(out, entry.target().map(LinkTarget::bytes).orElse(new byte[0]));
            out.writeInt(entry.maps().size());
            for (MapRef map : entry.maps()) {
                write(out, map);
            }
            out.writeInt(entry.attributes().size());
            for (Map.Entry<String, String> attribute : entry.attributes().entrySet()) {
                out.writeUTF(attribute.getKey());
                out.writeUTF(attribute.getValue());
            }
        }
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, MapRef map) throws IOException {
        out.writeUTF(map.backup());
        out.writeInt(map.object());
        out.writeLong(map.offset());
        out.writeInt(map.length());
        ByteBuffer hash = ByteBuffer.allocate(ContentHash.LENGTH);
        map.hash().write(hash);
        out.write(hash.array());
        out.writeLong(map.from());
        out.writeLong(map.covered());
    }

    static Entry read(byte[] bytes) throws IOException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            Entry.Type type = Entry.Type.valueOf(in.readUTF());
            EntryPath path = EntryPath.of(block(in));
            int mode = in.readInt();
            long size = in.readLong();
            Entry.@Nullable Owner owner = in.readBoolean() ? new Entry.Owner(in.readInt(), in.readInt()) : null;
            Instant modified = in.readBoolean() ? Instant.ofEpochSecond(in.readLong(), in.readInt()) : null;
            byte[] target = block(in);
            int count = in.readInt();
            List<MapRef> maps = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                maps.add(readMap(in));
            }
            Map<String, String> attributes = new HashMap<>();
            for (int left = in.readInt(); left > 0; left--) {
                attributes.put(in.readUTF(), in.readUTF());
            }
            Optional<LinkTarget> link = target.length == 0 ? Optional.empty() : Optional.of(LinkTarget.of(target));
            return new Entry(type, path, mode, owner, modified, size, link, maps, attributes);
        }
    }

    private static MapRef readMap(DataInputStream in) throws IOException {
        return new MapRef(
                in.readUTF(),
                in.readInt(),
                in.readLong(),
                in.readInt(),
                ContentHash.of(in.readNBytes(ContentHash.LENGTH)),
                in.readLong(),
                in.readLong());
    }

    private static void block(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static byte[] block(DataInputStream in) throws IOException {
        return in.readNBytes(in.readInt());
    }
}

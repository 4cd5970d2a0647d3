package dev.muster.repository;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import dev.muster.repository.encryption.EncryptedStore;
import dev.muster.repository.encryption.EncryptingWriter;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.encryption.SegmentCipher;
import dev.muster.repository.frames.ContentHash;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;

/** Writes a manifest line by line. For one thread at a time. */
final class ManifestWriter implements AutoCloseable {
    static final String FORMAT = "muster-manifest";
    static final int VERSION = 1;

    private final HashingWriter hashing;
    private final EncryptingWriter target;
    private final Sink sink;
    private final ZstdOutputStreamNoFinalizer compressed;
    private final ManifestTotals totals = new ManifestTotals();

    /** What COMMIT says of the manifest. */
    record Stored(ContentHash hash, long size) {}

    ManifestWriter(EncryptedStore objects, String key, BackupHeader header) {
        hashing = new HashingWriter(objects.store().create(key));
        try {
            target = objects.create(hashing, key, ObjectType.MANIFEST, new SegmentCipher());
            sink = new Sink(target);
            compressed = new ZstdOutputStreamNoFinalizer(sink, BackupRequest.DEFAULT_LEVEL);
        } catch (IOException e) {
            hashing.close();
            throw new UncheckedIOException(e);
        } catch (RuntimeException e) {
            hashing.close();
            throw e;
        }
        ObjectNode line = JsonNodeFactory.instance.objectNode();
        line.put("format", FORMAT).put("version", VERSION).put("source", header.source());
        line.put("backup", header.id()).put("kind", header.kind().label());
        header.parent().ifPresent(parent -> line.put("parent", parent));
        line.put("started", header.started().toString());
        line.set("attributes", header.attributes());
        write(line);
    }

    void entry(Entry entry) {
        ObjectNode line = JsonNodeFactory.instance.objectNode();
        line.put("type", entry.type().name().toLowerCase(Locale.ROOT));
        entry.path()
                .text()
                .ifPresentOrElse(
                        text -> line.put("path", text),
                        () -> line.put("pathBase64", base64(entry.path().bytes())));
        line.put("mode", entry.mode());
        Entry.Owner owner = entry.owner();
        if (owner != null) {
            line.put("uid", Integer.toUnsignedLong(owner.uid())).put("gid", Integer.toUnsignedLong(owner.gid()));
        }
        if (entry.modified() != null) {
            line.put("modified", entry.modified().toString());
        }
        if (entry.type() == Entry.Type.FILE) {
            line.put("size", entry.size());
        }
        entry.target().ifPresent(target -> line.put("targetBase64", base64(target.bytes())));
        if (!entry.maps().isEmpty()) {
            ArrayNode maps = line.putArray("maps");
            for (MapRef map : entry.maps()) {
                maps.addObject()
                        .put("backup", map.backup())
                        .put("object", map.object())
                        .put("offset", map.offset())
                        .put("length", map.length())
                        .put("sha256", map.hash().toString())
                        .put("from", map.from())
                        .put("covered", map.covered());
            }
        }
        if (!entry.attributes().isEmpty()) {
            ObjectNode attributes = line.putObject("attributes");
            entry.attributes().forEach(attributes::put);
        }
        totals.add(entry);
        write(line);
    }

    ManifestTotals totals() {
        return totals;
    }

    Stored commit() {
        ObjectNode line = JsonNodeFactory.instance.objectNode();
        line.put("end", true).put("entries", totals.entries());
        line.put("files", totals.files()).put("bytes", totals.bytes());
        write(line);
        try {
            compressed.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        long size = target.commit();
        return new Stored(hashing.hash(), size);
    }

    @Override
    public void close() {
        sink.discard();
        try (target) {
            compressed.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write(ObjectNode line) {
        try {
            compressed.write((JsonObjects.JSON.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** Where zstd's output goes. */
    private static final class Sink extends OutputStream {
        private final EncryptingWriter target;
        private boolean discarding;

        Sink(EncryptingWriter target) {
            this.target = target;
        }

        /** What zstd still holds when the manifest is given up, or was ended, goes nowhere. */
        void discard() {
            discarding = true;
        }

        @Override
        public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            if (!discarding) {
                target.write(bytes, offset, length);
            }
        }
    }
}

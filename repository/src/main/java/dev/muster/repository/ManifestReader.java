package dev.muster.repository;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.muster.repository.encryption.Damage;
import dev.muster.repository.encryption.EncryptedObject;
import dev.muster.repository.encryption.EncryptedStream;
import dev.muster.repository.frames.ContentHash;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Reads a manifest from its beginning, line by line. */
final class ManifestReader {
    private final EncryptedObject object;

    ManifestReader(EncryptedObject object) {
        this.object = object;
    }

    BackupHeader header() {
        return read(entry -> {}, true);
    }

    /** Returns normally only if every entry was told of and the totals fit. */
    void entries(Consumer<Entry> each) {
        read(each, false);
    }

    private BackupHeader read(Consumer<Entry> each, boolean onlyHeader) {
        try (ZstdInputStreamNoFinalizer text = new ZstdInputStreamNoFinalizer(new EncryptedStream(object));
                MappingIterator<ObjectNode> lines =
                        JsonObjects.JSON.readerFor(ObjectNode.class).readValues(text)) {
            BackupHeader header = header(lines.nextValue());
            if (onlyHeader) {
                return header;
            }
            ManifestTotals totals = new ManifestTotals();
            while (lines.hasNextValue()) {
                ObjectNode line = lines.nextValue();
                if (line.path("end").asBoolean()) {
                    checkEnd(line, totals);
                    if (lines.hasNextValue()) {
                        throw Damage.of(object.key(), "something follows its last line");
                    }
                    return header;
                }
                Entry entry = entry(line);
                totals.add(entry);
                each.accept(entry);
            }
            throw Damage.of(object.key(), "its last line is missing");
        } catch (JsonProcessingException e) {
            throw Damage.of(object.key(), "it is not JSON where it should be: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw Damage.of(object.key(), "it does not decompress: " + e.getMessage(), e);
        }
    }

    private void checkEnd(ObjectNode line, ManifestTotals totals) {
        boolean fits = line.path("entries").asLong(-1) == totals.entries()
                && line.path("files").asLong(-1) == totals.files()
                && line.path("bytes").asLong(-1) == totals.bytes();
        if (!fits) {
            throw Damage.of(object.key(), "its totals do not fit its entries");
        }
    }

    private BackupHeader header(ObjectNode line) {
        if (!line.path("format").asText().equals(ManifestWriter.FORMAT)) {
            throw Damage.of(object.key(), "its first line is not a manifest's");
        }
        int version = line.path("version").asInt();
        if (version != ManifestWriter.VERSION) {
            throw new RepositoryException(
                    "FORMAT_UNKNOWN",
                    "The manifest " + object.key() + " has version " + version + "; this program reads "
                            + ManifestWriter.VERSION + ".",
                    "Use a newer Muster.");
        }
        try {
            return new BackupHeader(
                    text(line, "source"),
                    text(line, "backup"),
                    BackupKind.of(text(line, "kind")),
                    Optional.ofNullable(line.get("parent")).map(JsonNode::asText),
                    Instant.parse(text(line, "started")),
                    line.withObjectProperty("attributes"));
        } catch (IllegalArgumentException | DateTimeException e) {
            throw Damage.of(object.key(), "its first line cannot be: " + e.getMessage(), e);
        }
    }

    private Entry entry(ObjectNode line) {
        try {
            Entry.Type type = Entry.Type.valueOf(text(line, "type").toUpperCase(Locale.ROOT));
            EntryPath path = line.has("path")
                    ? EntryPath.of(text(line, "path"))
                    : EntryPath.of(Base64.getDecoder().decode(text(line, "pathBase64")));
            Map<String, String> attributes = new HashMap<>();
            line.path("attributes")
                    .properties()
                    .forEach(attribute -> attributes.put(
                            attribute.getKey(), attribute.getValue().asText()));
            List<MapRef> maps = new ArrayList<>();
            for (JsonNode map : line.path("maps")) {
                maps.add(map(map));
            }
            Entry entry = new Entry(
                    type,
                    path,
                    (int) number(line, "mode"),
                    line.has("uid") ? new Entry.Owner((int) number(line, "uid"), (int) number(line, "gid")) : null,
                    line.has("modified") ? Instant.parse(text(line, "modified")) : null,
                    type == Entry.Type.FILE ? number(line, "size") : 0,
                    line.has("targetBase64")
                            ? Optional.of(LinkTarget.of(Base64.getDecoder().decode(text(line, "targetBase64"))))
                            : Optional.empty(),
                    maps,
                    attributes);
            if (entry.size() > 0 && maps.isEmpty()) {
                throw new IllegalArgumentException(path + " has " + entry.size() + " bytes and no map");
            }
            return entry;
        } catch (IllegalArgumentException | DateTimeException e) {
            throw Damage.of(object.key(), "a line of it cannot be: " + e.getMessage(), e);
        }
    }

    private static MapRef map(JsonNode map) {
        return new MapRef(
                text(map, "backup"),
                (int) number(map, "object"),
                number(map, "offset"),
                (int) number(map, "length"),
                ContentHash.parse(text(map, "sha256")),
                number(map, "from"),
                number(map, "covered"));
    }

    private static String text(JsonNode node, String field) {
        JsonNode value = node.get(field);
        if (value == null || !value.isTextual()) {
            throw new IllegalArgumentException("it has no text '" + field + "'");
        }
        return value.textValue();
    }

    private static long number(JsonNode node, String field) {
        JsonNode value = node.get(field);
        if (value == null || !value.canConvertToLong() || !value.isIntegralNumber()) {
            throw new IllegalArgumentException("it has no number '" + field + "'");
        }
        return value.longValue();
    }
}

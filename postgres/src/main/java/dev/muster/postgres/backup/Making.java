package dev.muster.postgres.backup;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.repository.BackupKind;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * How a backup was made, for people; a restore needs none of it.
 *
 * @param parent the backup that it was made against
 * @param method how changes were found
 * @param reason why it is not what was wanted, or was not made in the cheapest way; empty if there is nothing to say
 * @param bytesRead from the data directory
 * @param bytesReused of files, that are where earlier backups stored them
 * @param bytesResumed of files, whose frames a backup that died had stored
 * @param bytesCompacted read although they had not changed, because they lay in too many pieces
 * @param bytesCopiedForward stored again, so that packs of expired backups that are mostly dead can go
 */
public record Making(
        BackupKind kind,
        Optional<String> parent,
        Method method,
        String reason,
        long bytesRead,
        long bytesReused,
        long bytesResumed,
        long bytesCompacted,
        long bytesCopiedForward) {
    /** How changes were found. */
    public enum Method {
        /** Everything was stored. */
        WHOLE,
        /** The server's WAL summaries named the changed blocks, and only these were read. */
        SUMMARIES,
        /** Everything was read, and compared with the parent by hash. */
        COMPARED
    }

    /** Of a backup whose writer did not say: it was made before there were others. */
    static final Making UNTOLD = new Making(BackupKind.FULL, Optional.empty(), Method.WHOLE, "", 0, 0, 0, 0, 0);

    ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("kind", kind.label());
        parent.ifPresent(id -> json.put("parent", id));
        json.put("method", method.name().toLowerCase(Locale.ROOT));
        json.put("reason", reason);
        json.put("bytesRead", bytesRead);
        json.put("bytesReused", bytesReused);
        json.put("bytesResumed", bytesResumed);
        json.put("bytesCompacted", bytesCompacted);
        json.put("bytesCopiedForward", bytesCopiedForward);
        return json;
    }

    /** What is not understood, since a newer version wrote it, stops no restore: it counts as not told. */
    static Making of(JsonNode json) {
        Optional<BackupKind> kind = value(BackupKind.values(), json.path("kind"));
        Optional<Method> method = value(Method.values(), json.path("method"));
        if (kind.isEmpty() || method.isEmpty()) {
            return UNTOLD;
        }
        return new Making(
                kind.get(),
                Optional.ofNullable(json.get("parent")).map(JsonNode::asText),
                method.get(),
                json.path("reason").asText(),
                json.path("bytesRead").asLong(),
                json.path("bytesReused").asLong(),
                json.path("bytesResumed").asLong(),
                json.path("bytesCompacted").asLong(),
                json.path("bytesCopiedForward").asLong());
    }

    private static <T extends Enum<T>> Optional<T> value(T[] all, JsonNode label) {
        return Arrays.stream(all)
                .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(label.asText()))
                .findFirst();
    }
}

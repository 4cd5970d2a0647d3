package dev.muster.postgres.backup;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a restore must know about a backup before it reads anything else: the summary in its COMMIT.
 *
 * @param systemId the cluster's identity, in decimal
 * @param serverVersion PostgreSQL's server_version_num, such as 180006
 * @param timeline the timeline that it was taken on
 * @param start where replay of this backup starts to need WAL: its checkpoint's redo position
 * @param checkpoint the checkpoint record that replay starts from
 * @param stop end of the backup: a copy is consistent from here on
 * @param startTime when the server had started it
 * @param stopTime when the server had ended it, by the server's clock
 * @param segmentSize of WAL, bytes
 * @param blockSize of data pages, bytes
 * @param pageChecksums whether the cluster has them
 * @param rawBytes size of all files
 * @param storedBytes size of the packs in the store
 * @param files how many files
 * @param badPages pages whose checksum is wrong on the source, as {@code path:block}; at most the first 1,000
 * @param settings the server's settings that recovery must not go below, and its own version text
 * @param making how it was made
 */
public record BackupSummary(
        String systemId,
        int serverVersion,
        int timeline,
        Lsn start,
        Lsn checkpoint,
        Lsn stop,
        Instant startTime,
        Instant stopTime,
        int segmentSize,
        int blockSize,
        boolean pageChecksums,
        long rawBytes,
        long storedBytes,
        long files,
        List<String> badPages,
        Map<String, String> settings,
        Making making) {

    /** How many bad pages are named at most. */
    static final int BAD_PAGES = 1_000;

    private static final String KIND = "postgres";

    public BackupSummary {
        badPages = List.copyOf(badPages);
        settings = Map.copyOf(settings);
    }

    public int majorVersion() {
        return serverVersion / 10_000;
    }

    /** As it is kept in COMMIT. */
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("what", KIND);
        json.put("systemId", systemId);
        json.put("serverVersion", serverVersion);
        json.put("timeline", timeline);
        json.put("start", start.toString());
        json.put("checkpoint", checkpoint.toString());
        json.put("stop", stop.toString());
        json.put("startTime", startTime.toString());
        json.put("stopTime", stopTime.toString());
        json.put("segmentSize", segmentSize);
        json.put("blockSize", blockSize);
        json.put("pageChecksums", pageChecksums);
        json.put("rawBytes", rawBytes);
        json.put("storedBytes", storedBytes);
        json.put("files", files);
        var bad = json.putArray("badPages");
        badPages.forEach(bad::add);
        ObjectNode values = json.putObject("settings");
        new TreeMap<>(settings).forEach(values::put);
        json.set("making", making.toJson());
        return json;
    }

    /** @throws PostgresException NOT_A_POSTGRES_BACKUP if the summary is another kind's or lacks a field */
    public static BackupSummary of(JsonNode json) {
        try {
            if (!json.path("what").asText().equals(KIND)) {
                throw new IllegalArgumentException("it says \"what\": " + json.path("what"));
            }
            List<String> bad = new ArrayList<>();
            json.path("badPages").forEach(page -> bad.add(page.asText()));
            Map<String, String> settings = new TreeMap<>();
            json.path("settings")
                    .properties()
                    .forEach(entry ->
                            settings.put(entry.getKey(), entry.getValue().asText()));
            return new BackupSummary(
                    text(json, "systemId"),
                    Integer.parseInt(text(json, "serverVersion")),
                    Integer.parseInt(text(json, "timeline")),
                    Lsn.parse(text(json, "start")),
                    Lsn.parse(text(json, "checkpoint")),
                    Lsn.parse(text(json, "stop")),
                    Instant.parse(text(json, "startTime")),
                    Instant.parse(text(json, "stopTime")),
                    Integer.parseInt(text(json, "segmentSize")),
                    Integer.parseInt(text(json, "blockSize")),
                    Boolean.parseBoolean(text(json, "pageChecksums")),
                    Long.parseLong(text(json, "rawBytes")),
                    Long.parseLong(text(json, "storedBytes")),
                    Long.parseLong(text(json, "files")),
                    bad,
                    settings,
                    Making.of(json.path("making")));
        } catch (IllegalArgumentException | DateTimeException e) {
            String what = json.path("what").asText();
            if (what.equals("files") || what.equals("stream")) {
                throw new PostgresException(
                        "NOT_A_POSTGRES_BACKUP",
                        "The backup is of the kind '" + what + "', not of a PostgreSQL cluster",
                        "muster repo restore brings trees and streams back.",
                        e);
            }
            throw new PostgresException(
                    "NOT_A_POSTGRES_BACKUP",
                    "The backup's summary cannot be understood: " + e.getMessage(),
                    "Is it a backup of a PostgreSQL cluster, made by this version or the one before?",
                    e);
        }
    }

    private static String text(JsonNode json, String field) {
        JsonNode value = json.path(field);
        if (value.isMissingNode() || value.isNull()) {
            throw new IllegalArgumentException("it has no \"" + field + "\"");
        }
        return value.asText();
    }
}

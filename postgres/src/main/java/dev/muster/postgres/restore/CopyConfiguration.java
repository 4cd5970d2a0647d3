package dev.muster.postgres.restore;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.backup.BackupSummary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The configuration files of a copy, and {@code copy.json} beside its data directory: what whoever adopts the copy later
 * must know of it.
 */
final class CopyConfiguration {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FACTS = "copy.json";
    private static final String CONF = "postgresql.conf";
    private static final String OWNER_ONLY = "rw-------";

    /**
     * What an adopter must know.
     *
     * @param from where replay starts
     * @param standby whether the copy waits for more WAL for ever
     */
    record Facts(int port, String superuser, int timeline, Lsn from, boolean standby) {}

    private final Path folder;
    private final Path data;

    CopyConfiguration(Path folder) {
        this.folder = folder;
        this.data = RecoveryServer.dataDirectory(folder);
    }

    boolean exists() {
        return Files.exists(folder.resolve(FACTS));
    }

    /** @throws PostgresException NOT_A_COPY if the copy was never configured */
    Facts facts() {
        try {
            JsonNode json = JSON.readTree(Files.readString(folder.resolve(FACTS)));
            return new Facts(
                    json.path("port").asInt(),
                    json.path("superuser").asText(),
                    json.path("timeline").asInt(),
                    Lsn.parse(json.path("from").asText()),
                    json.path("standby").asBoolean());
        } catch (NoSuchFileException e) {
            throw new PostgresException(
                    "NOT_A_COPY",
                    "There is no configured copy in " + folder,
                    "Restore a backup there and configure it first.",
                    e);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + folder.resolve(FACTS), e);
        }
    }

    void write(RecoverySettings settings, BackupSummary backup, Path spool, Map<String, Integer> atLeast)
            throws IOException {
        for (String name : List.of(CONF, "postgresql.auto.conf", "pg_hba.conf", "pg_ident.conf")) {
            keepSource(name);
        }
        // A copy of a standby's backup, or both signals at once, would follow the wrong rule.
        Files.deleteIfExists(data.resolve("standby.signal"));
        Files.deleteIfExists(data.resolve("recovery.signal"));
        put(data.resolve("postgresql.auto.conf"), "# Emptied by Muster.\n");
        put(data.resolve("pg_hba.conf"), settings.pgHba());
        put(data.resolve("pg_ident.conf"), "# Emptied by Muster.\n");
        put(data.resolve(CONF), settings.postgresqlConf(backup, spool, atLeast) + inPlaceTablespaces());
        refuseTablespaces();
        ObjectNode facts = JsonNodeFactory.instance
                .objectNode()
                .put("port", settings.port())
                .put("superuser", backup.settings().getOrDefault("superuser", "postgres"))
                .put("timeline", settings.timeline())
                .put("from", backup.start().toString())
                .put("standby", settings.standby());
        put(folder.resolve(FACTS), facts.toPrettyString() + "\n");
        put(data.resolve(settings.standby() ? "standby.signal" : "recovery.signal"), "");
    }

    /** A folder where a tablespace's link is expected stops recovery unless the server is told that it is meant so. */
    private String inPlaceTablespaces() throws IOException {
        try (var children = Files.list(data.resolve("pg_tblspc"))) {
            boolean any = children.anyMatch(child -> Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS));
            return any ? "allow_in_place_tablespaces = 'on'\n" : "";
        }
    }

    private void keepSource(String name) throws IOException {
        Path kept = data.resolve(name + ".source");
        if (Files.notExists(kept) && Files.exists(data.resolve(name))) {
            Files.move(data.resolve(name), kept, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /**
     * A CREATE TABLESPACE in the WAL would make replay write where the live server's tablespace is (SAFETY Failover 14):
     * the folder for its link cannot be written to, so replay stops there instead.
     */
    private void refuseTablespaces() throws IOException {
        Files.setPosixFilePermissions(data.resolve("pg_tblspc"), PosixFilePermissions.fromString("r-x------"));
    }

    static void allowTablespaces(Path data) throws IOException {
        Path links = data.resolve("pg_tblspc");
        if (Files.exists(links)) {
            Files.setPosixFilePermissions(links, PosixFilePermissions.fromString("rwx------"));
        }
    }

    /** Raises settings in the written postgresql.conf. */
    void raise(Map<String, Integer> atLeast) {
        try {
            String conf = Files.readString(data.resolve(CONF));
            Set<String> missing = new HashSet<>(atLeast.keySet());
            StringBuilder raised = new StringBuilder();
            Matcher line = Pattern.compile("(?m)^(\\w+) = '(\\d+)'$").matcher(conf);
            while (line.find()) {
                int value = Math.max(Integer.parseInt(line.group(2)), atLeast.getOrDefault(line.group(1), 0));
                missing.remove(line.group(1));
                line.appendReplacement(raised, line.group(1) + " = '" + value + "'");
            }
            line.appendTail(raised);
            missing.forEach(name ->
                    raised.append(name).append(" = '").append(atLeast.get(name)).append("'\n"));
            put(data.resolve(CONF), raised.toString());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot raise settings of the copy in " + folder, e);
        }
    }

    /** Whole or not at all, also after a loss of power. */
    static void put(Path path, String text) throws IOException {
        Path fresh = path.resolveSibling(path.getFileName() + ".new");
        Files.writeString(fresh, text);
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString(OWNER_ONLY));
        RestoreTarget.sync(fresh);
        Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}

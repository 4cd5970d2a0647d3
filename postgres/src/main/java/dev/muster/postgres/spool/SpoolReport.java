package dev.muster.postgres.spool;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.postgres.PostgresException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How a spool fares.
 *
 * @param use which of PostgreSQL's commands it serves
 * @param seen when its process last showed life, by the clock of the spool's file system
 * @param last the last WAL file that was handed over; empty if none was since its process started
 * @param waiting files that the server asks about just now
 * @param trouble why the last file could not be handed over; empty if it could
 */
public record SpoolReport(
        Use use, Instant seen, Optional<String> last, int waiting, Optional<PostgresException> trouble) {
    /** Life is shown far more often. */
    public static final Duration SILENCE = Duration.ofSeconds(15);

    static final String FILE = "report.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Which way WAL goes through a spool. */
    public enum Use {
        ARCHIVE_COMMAND("archive_command"),
        RESTORE_COMMAND("restore_command");

        private final String setting;

        Use(String setting) {
            this.setting = setting;
        }

        /** As postgresql.conf calls it. */
        public String setting() {
            return setting;
        }
    }

    /** Whether its process is there. */
    public boolean served(Instant now) {
        return seen.plus(SILENCE).isAfter(now);
    }

    /** Whether nobody need care. */
    public boolean isWell(Instant now) {
        return served(now) && trouble.isEmpty();
    }

    /** @throws PostgresException SPOOL_UNKNOWN if no process of this version has served the folder */
    public static SpoolReport of(Path folder) {
        Path file = folder.resolve(FILE);
        try {
            JsonNode json = JSON.readTree(Files.readAllBytes(file));
            Optional<PostgresException> trouble = json.hasNonNull("trouble")
                    ? Optional.of(new PostgresException(
                            json.path("trouble").path("code").asText(),
                            json.path("trouble").path("message").asText(),
                            json.path("trouble").path("hint").asText()))
                    : Optional.empty();
            return new SpoolReport(
                    Use.valueOf(json.path("use").asText()),
                    Files.getLastModifiedTime(file).toInstant(),
                    Optional.ofNullable(json.path("last").textValue()),
                    waiting(folder),
                    trouble);
        } catch (IOException | IllegalArgumentException e) {
            throw new PostgresException(
                    "SPOOL_UNKNOWN",
                    "The folder " + folder + " does not say how it fares as a spool: " + e,
                    "Is it the one of 'wal archive --spool', or a copy's folder 'spool', and may this user read it?",
                    e);
        }
    }

    private static int waiting(Path folder) throws IOException {
        int waiting = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder.resolve("want"))) {
            for (Path file : files) {
                waiting += Files.exists(file) ? 1 : 0;
            }
        } catch (NoSuchFileException e) {
            return 0;
        }
        return waiting;
    }

    static ObjectNode json(Use use, Optional<String> last, Optional<PostgresException> trouble) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("use", use.name());
        last.ifPresent(name -> json.put("last", name));
        trouble.ifPresent(why -> json.putObject("trouble")
                .put("code", why.code())
                .put("message", String.valueOf(why.getMessage()))
                .put("hint", why.hint()));
        return json;
    }
}

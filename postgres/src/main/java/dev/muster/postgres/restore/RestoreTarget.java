package dev.muster.postgres.restore;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.backup.ControlFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * The folder that a backup is restored into, and the marker in it that says which run it belongs to. A folder without
 * this run's marker is touched only if it is empty.
 */
final class RestoreTarget {
    /** PostgreSQL does not mind files that it does not know. */
    static final String MARKER = "muster-restore.json";

    private static final ObjectMapper JSON = new ObjectMapper();

    /** How far the restore into a folder has come. */
    enum State {
        /** The folder is not there, or empty. */
        UNTOUCHED,
        /** This run has begun, and has not ended. */
        PARTIAL,
        /** This run has restored everything. */
        COMPLETE,
        /** The folder holds a stopped data directory that this run was allowed to overwrite. */
        OLD_DATA
    }

    private final Path folder;
    private final String backup;
    private final String token;
    private final String systemId;
    private final Optional<String> overwrite;

    /**
     * @param systemId of the backup
     * @param overwrite the system whose data directory may be overwritten
     */
    RestoreTarget(Path folder, String backup, String token, String systemId, Optional<String> overwrite) {
        this.folder = folder;
        this.backup = backup;
        this.token = token;
        this.systemId = systemId;
        this.overwrite = overwrite;
    }

    /** @throws PostgresException TARGET_NOT_EMPTY, TARGET_IN_USE, SYSTEM_MISMATCH */
    State state() throws IOException {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return State.UNTOUCHED;
        }
        if (!Files.isDirectory(folder)) {
            throw notEmpty("is not a folder");
        }
        Optional<JsonNode> marker = marker(folder);
        if (overwrite.isPresent()) {
            Optional<State> old = oldData(marker);
            if (old.isPresent()) {
                return old.get();
            }
        }
        if (marker.isEmpty()) {
            try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
                Iterator<Path> any = children.iterator();
                if (any.hasNext()) {
                    throw notEmpty("holds " + any.next().getFileName());
                }
            }
            return State.UNTOUCHED;
        }
        if (!isOurs(marker.get())) {
            throw notEmpty("belongs to another run's restore of backup "
                    + marker.get().path("backup").asText());
        }
        return state(marker.get());
    }

    private boolean isOurs(JsonNode marker) {
        return marker.path("token").asText().equals(token)
                && marker.path("backup").asText().equals(backup);
    }

    private static State state(JsonNode marker) {
        return marker.path("state").asText().equals("complete") ? State.COMPLETE : State.PARTIAL;
    }

    /** Empty if there is nothing to overwrite: an empty folder. */
    private Optional<State> oldData(Optional<JsonNode> marker) throws IOException {
        if (marker.isPresent() && isOurs(marker.get()) && state(marker.get()) == State.COMPLETE) {
            return Optional.of(State.COMPLETE);
        }
        refuseRunning();
        String permitted = overwrite.orElseThrow();
        if (!permitted.equals(systemId)) {
            throw mismatch("the backup is of system " + systemId);
        }
        if (marker.isPresent() && isOurs(marker.get())) {
            return Optional.of(State.PARTIAL);
        }
        Path control = folder.resolve(ControlFile.PATH);
        if (Files.exists(control)) {
            String found = ControlFile.read(folder).systemId();
            if (!found.equals(permitted)) {
                throw mismatch("the target " + folder + " is of system " + found);
            }
            return Optional.of(State.OLD_DATA);
        }
        // A restore that was never finished has no pg_control.
        return marker.filter(one -> one.path("system").asText().equals(permitted))
                .map(one -> State.OLD_DATA);
    }

    private PostgresException mismatch(String why) {
        return new PostgresException(
                "SYSTEM_MISMATCH",
                "The data directory of system " + overwrite.orElse("") + " may be overwritten, and " + why
                        + "; nothing was changed",
                "Check the target, the backup and the system identifier (pg_controldata shows it).");
    }

    private void refuseRunning() throws IOException {
        Path file = folder.resolve("postmaster.pid");
        if (Files.notExists(file)) {
            return;
        }
        List<String> lines = Files.readAllLines(file);
        String id = lines.isEmpty() ? "" : lines.get(0).strip();
        boolean dead = id.matches("\\d{1,18}")
                && ProcessHandle.of(Long.parseLong(id))
                        .filter(ProcessHandle::isAlive)
                        .isEmpty();
        if (!dead) {
            throw new PostgresException(
                    "TARGET_IN_USE",
                    "A server runs on the target " + folder + ", or its process id " + id + " is in use; nothing was"
                            + " changed",
                    "Stop that server. If the process is another program's, remove " + file + " and try again.");
        }
    }

    private PostgresException notEmpty(String why) {
        return new PostgresException(
                "TARGET_NOT_EMPTY",
                "The restore's target " + folder + " " + why + "; nothing was changed",
                "Choose a folder that is empty or does not exist. An old data directory is overwritten only when its"
                        + " system identifier is given for that.");
    }

    private static Optional<JsonNode> marker(Path folder) throws IOException {
        try {
            return Optional.of(JSON.readTree(Files.readString(folder.resolve(MARKER))));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (JsonProcessingException e) {
            throw new PostgresException(
                    "TARGET_NOT_EMPTY",
                    "The marker " + folder.resolve(MARKER) + " cannot be read",
                    "If this folder is the rest of a restore that nobody needs, remove it.",
                    e);
        }
    }

    /** Whether a folder holds a whole restored backup, of whichever run. */
    static boolean isComplete(Path folder) throws IOException {
        return marker(folder)
                .map(one -> one.path("state").asText().equals("complete"))
                .orElse(false);
    }

    /** The token of the restore into a folder, finished or not; empty if there was none. */
    static Optional<String> token(Path folder) throws IOException {
        return marker(folder).map(one -> one.path("token").asText());
    }

    /** Where the restore that has begun puts a tablespace; empty if it does not know it. */
    Optional<Path> begunPlace(String oid) throws IOException {
        return marker(folder)
                .map(one -> one.path("tablespaces").path(oid).asText())
                .filter(place -> !place.isEmpty())
                .map(Path::of);
    }

    /** @param tablespaces where this restore puts them */
    void begin(List<RestoreLayout.Tablespace> tablespaces) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        mark("partial", tablespaces);
    }

    void complete(List<RestoreLayout.Tablespace> tablespaces) throws IOException {
        mark("complete", tablespaces);
    }

    private void mark(String state, List<RestoreLayout.Tablespace> tablespaces) throws IOException {
        ObjectNode places = JsonNodeFactory.instance.objectNode();
        tablespaces.forEach(one -> places.put(one.oid(), one.place().toString()));
        ObjectNode marker = JsonNodeFactory.instance
                .objectNode()
                .put("what", "muster-restore")
                .put("backup", backup)
                .put("token", token)
                .put("system", systemId)
                .put("state", state);
        String text = marker.set("tablespaces", places).toPrettyString();
        Path fresh = folder.resolve(MARKER + ".new");
        Files.writeString(fresh, text + "\n");
        sync(fresh);
        Files.move(fresh, folder.resolve(MARKER), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        sync(folder);
    }

    /** Makes a file's content, or a folder's names, survive a loss of power. */
    static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}

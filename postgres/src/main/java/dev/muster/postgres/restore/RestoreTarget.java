package dev.muster.postgres.restore;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.muster.postgres.PostgresException;
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
        COMPLETE
    }

    private final Path folder;
    private final String backup;
    private final String token;

    RestoreTarget(Path folder, String backup, String token) {
        this.folder = folder;
        this.backup = backup;
        this.token = token;
    }

    /** @throws PostgresException TARGET_NOT_EMPTY */
    State state() throws IOException {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return State.UNTOUCHED;
        }
        if (!Files.isDirectory(folder)) {
            throw notEmpty("is not a folder");
        }
        Optional<JsonNode> marker = marker(folder);
        if (marker.isEmpty()) {
            try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
                Iterator<Path> any = children.iterator();
                if (any.hasNext()) {
                    throw notEmpty("holds " + any.next().getFileName());
                }
            }
            return State.UNTOUCHED;
        }
        String otherBackup = marker.get().path("backup").asText();
        if (!marker.get().path("token").asText().equals(token) || !otherBackup.equals(backup)) {
            throw notEmpty("belongs to another run's restore of backup " + otherBackup);
        }
        return marker.get().path("state").asText().equals("complete") ? State.COMPLETE : State.PARTIAL;
    }

    private PostgresException notEmpty(String why) {
        return new PostgresException(
                "TARGET_NOT_EMPTY",
                "The restore's target " + folder + " " + why + "; nothing was changed",
                "Choose a folder that is empty or does not exist. Muster never overwrites a data directory.");
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

    void begin() throws IOException {
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        mark("partial");
    }

    void complete() throws IOException {
        mark("complete");
    }

    private void mark(String state) throws IOException {
        String text = JsonNodeFactory.instance
                .objectNode()
                .put("what", "muster-restore")
                .put("backup", backup)
                .put("token", token)
                .put("state", state)
                .toPrettyString();
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

package dev.muster.postgres.rejoin;

import dev.muster.postgres.PostgresException;
import dev.muster.postgres.backup.ControlFile;
import dev.muster.postgres.instance.Installation;
import dev.muster.postgres.instance.Server;
import dev.muster.postgres.wal.SegmentName;
import dev.muster.postgres.wal.TimelineHistory;
import dev.muster.repository.frames.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A stopped old primary as its files show it: pg_control, history files, segments of WAL. Reads only. */
final class OldPrimary {
    /** Of pg_control, the same in 14 to 18: enum DBState. */
    private static final int STATE = 16;

    private static final int SHUT_DOWN = 1;
    private static final int SHUT_DOWN_IN_RECOVERY = 2;

    private final Path directory;
    private final ControlFile control;

    private OldPrimary(Path directory, ControlFile control) {
        this.directory = directory;
        this.control = control;
    }

    /** @throws PostgresException TARGET_IN_USE if a server runs on it, CONTROL_FILE_DAMAGED, REJOIN_NO_DATA_DIRECTORY */
    static OldPrimary read(Installation installation, Path directory) {
        Path place = directory.toAbsolutePath().normalize();
        requireStopped(installation, place);
        if (!Files.isRegularFile(place.resolve(ControlFile.PATH))) {
            throw new PostgresException(
                    "REJOIN_NO_DATA_DIRECTORY",
                    "There is no " + ControlFile.PATH + " in " + place,
                    "Name the old primary's data directory. If nothing is left of it, restore a backup instead.");
        }
        try {
            return new OldPrimary(place, ControlFile.read(place));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + place.resolve(ControlFile.PATH), e);
        }
    }

    static void requireStopped(Installation installation, Path directory) {
        new Server(installation, directory, directory).processId().ifPresent(id -> {
            throw new PostgresException(
                    "TARGET_IN_USE",
                    "A server runs on the old primary's data directory " + directory + " as process " + id
                            + "; nothing was changed",
                    "Stop and fence it first: it must not come back by itself.");
        });
    }

    Path directory() {
        return directory;
    }

    ControlFile control() {
        return control;
    }

    /** Of pg_control as it was read. */
    String controlHash() {
        return Sha256.hash(control.content()).toString();
    }

    boolean stoppedCleanly() {
        int state = ByteBuffer.wrap(control.content())
                .order(ByteOrder.LITTLE_ENDIAN)
                .getInt(STATE);
        return state == SHUT_DOWN || state == SHUT_DOWN_IN_RECOVERY;
    }

    Path wal() {
        return directory.resolve("pg_wal");
    }

    /** By timeline. */
    Map<Integer, byte[]> historyFiles() {
        Map<Integer, byte[]> files = new TreeMap<>();
        for (String name : names()) {
            SegmentName.historyOf(name).ifPresent(timeline -> files.put(timeline, content(name)));
        }
        return files;
    }

    /** Of the timeline of its last checkpoint. @throws PostgresException HISTORY_MISSING */
    TimelineHistory history() {
        int timeline = control.timeline();
        byte[] file = historyFiles().get(timeline);
        if (file != null) {
            return TimelineHistory.parse(timeline, file);
        }
        if (timeline == 1) {
            return TimelineHistory.first();
        }
        throw new PostgresException(
                "HISTORY_MISSING",
                "The old primary in " + directory + " has no history file of its timeline " + timeline,
                "Copy " + SegmentName.history(timeline) + " from the archive into its pg_wal.");
    }

    /** All files of segments, in order of their names. */
    List<SegmentName> segments(int segmentSize) {
        List<SegmentName> segments = new ArrayList<>();
        names().forEach(name -> SegmentName.parse(name, segmentSize).ifPresent(segments::add));
        return segments;
    }

    private byte[] content(String name) {
        try {
            return Files.readAllBytes(wal().resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + wal().resolve(name), e);
        }
    }

    private List<String> names() {
        try (Stream<Path> children = Files.list(wal())) {
            return children.map(child -> child.getFileName().toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot list " + wal(), e);
        }
    }
}

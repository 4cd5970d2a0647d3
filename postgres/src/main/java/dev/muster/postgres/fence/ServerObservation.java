package dev.muster.postgres.fence;

import dev.muster.postgres.backup.ControlFile;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the files of a data directory say about its server; needs no password and no running server.
 *
 * @param runs whether processes of it live
 * @param inRecovery a standby, or a recovery that has not ended
 * @param timeline the one it writes, or replays
 */
public record ServerObservation(boolean runs, boolean inRecovery, long timeline) {

    /** @throws IOException if the data directory cannot be read now */
    public static ServerObservation of(HostServer server) throws IOException {
        // Asked first: the files of a server that is promoted between the looks show more than it was, never less.
        boolean inRecovery = server.inRecovery();
        long timeline = ControlFile.read(server.dataDirectory()).timeline();
        if (!inRecovery) {
            // A promotion writes the history of its timeline before it takes writes, and the checkpoint only later.
            timeline = Math.max(timeline, newestHistory(server.dataDirectory()));
        }
        return new ServerObservation(server.runs(), inRecovery, timeline);
    }

    /** Whether a standby became a primary since. */
    public boolean promotedSince(ServerObservation before) {
        return before.inRecovery && !inRecovery && timeline > before.timeline;
    }

    private static long newestHistory(Path data) throws IOException {
        long newest = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(data.resolve("pg_wal"), "????????.history")) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (name.matches("[0-9A-F]{8}\\.history")) {
                    newest = Math.max(newest, Long.parseLong(name.substring(0, 8), 16));
                }
            }
        }
        return newest;
    }
}

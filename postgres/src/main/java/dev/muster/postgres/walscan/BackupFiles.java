package dev.muster.postgres.walscan;

import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/** Reads single files of a backed-up data directory, by paths relative to it, such as {@code global/pg_filenode.map}. */
public interface BackupFiles {
    /** The file's content from its beginning, or empty if the backup holds no such file. The caller closes it. */
    Optional<InputStream> file(String path);

    /** Names (not paths) of what lies directly in the directory; empty if there is no such directory. */
    List<String> list(String directory);
}

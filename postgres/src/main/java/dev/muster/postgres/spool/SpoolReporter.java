package dev.muster.postgres.spool;

import dev.muster.postgres.PostgresException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;

/** Keeps a spool's report up to date. For one thread. */
public final class SpoolReporter {
    private static final Duration LIFE = SpoolReport.SILENCE.dividedBy(5);

    private final Path folder;
    private final SpoolReport.Use use;
    private String written = "";
    private long at;

    /** @param folder the spool; it has a folder {@code coming} on the same disk */
    public SpoolReporter(Path folder, SpoolReport.Use use) {
        this.folder = folder;
        this.use = use;
    }

    /** Writes it if it says something new, or nothing was said for some seconds. */
    public void tell(Optional<String> last, Optional<PostgresException> trouble) throws IOException {
        String text = SpoolReport.json(use, last, trouble) + "\n";
        if (text.equals(written) && System.nanoTime() - at < LIFE.toNanos()) {
            return;
        }
        Path fresh = folder.resolve("coming").resolve(SpoolReport.FILE);
        Files.writeString(fresh, text);
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-r--r--"));
        Files.move(
                fresh,
                folder.resolve(SpoolReport.FILE),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        written = text;
        at = System.nanoTime();
    }
}

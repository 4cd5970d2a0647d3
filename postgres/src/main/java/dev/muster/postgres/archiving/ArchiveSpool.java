package dev.muster.postgres.archiving;

import dev.muster.postgres.PostgresException;
import dev.muster.postgres.spool.SpoolReport;
import dev.muster.postgres.spool.SpoolReporter;
import dev.muster.postgres.wal.WalArchive;
import dev.muster.repository.RepositoryException;
import dev.muster.storage.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the folder through which {@code archive-wal.sh} hands PostgreSQL's WAL files over: a running process stores them,
 * so that none starts for each. May be killed at any time: the server keeps each file until it was told that it is safe,
 * and asks again.
 */
public final class ArchiveSpool implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ArchiveSpool.class);
    private static final String SCRIPT = "archive-wal.sh";
    private static final Duration BEAT = Duration.ofMillis(500);
    /** Of an answer that nobody took: its script was killed. */
    private static final Duration STALE = Duration.ofHours(1);

    private static final int MAX_REQUEST = 8 << 10;

    private final Path folder;
    private final ArchivedFile files;
    private final Consumer<Path> owner;
    private final Clock clock;
    private final Thread watcher;
    private final SpoolReporter reporter;
    private volatile boolean closing;
    private volatile Optional<String> lastStored = Optional.empty();
    private volatile Optional<PostgresException> trouble = Optional.empty();

    private ArchiveSpool(Path folder, ArchivedFile files, Consumer<Path> owner, Clock clock) {
        this.folder = folder;
        this.files = files;
        this.owner = owner;
        this.clock = clock;
        this.watcher = new Thread(this::watch, "wal-archiving");
        watcher.setDaemon(true);
        this.reporter = new SpoolReporter(folder, SpoolReport.Use.ARCHIVE_COMMAND);
    }

    /**
     * Starts to serve; the folders and the script are made when they are missing.
     *
     * @param folder the spool, for one instance and one server only
     * @param systemId of the cluster whose WAL the archive holds; files of others are refused
     * @param owner is called with the folder and each file, to hand it to the user that PostgreSQL runs as
     */
    public static ArchiveSpool start(
            Path folder, WalArchive archive, String systemId, Consumer<Path> owner, Clock clock) {
        ArchiveSpool spool = new ArchiveSpool(folder, new ArchivedFile(archive, systemId), owner, clock);
        try {
            spool.prepare();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot prepare the spool " + folder, e);
        }
        spool.watcher.start();
        return spool;
    }

    private void prepare() throws IOException {
        for (String name : List.of("want", "coming", "answers")) {
            Path below = Files.createDirectories(
                    folder.resolve(name),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            owner.accept(below);
        }
        try (InputStream script = ArchiveSpool.class.getResourceAsStream(SCRIPT)) {
            if (script == null) {
                throw new NoSuchFileException(SCRIPT + " on the class path");
            }
            Path fresh = folder.resolve("coming").resolve(SCRIPT);
            Files.copy(script, fresh, StandardCopyOption.REPLACE_EXISTING);
            Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.move(
                    fresh, folder.resolve(SCRIPT), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
        reporter.tell(lastStored, trouble);
        owner.accept(folder);
    }

    /**
     * The command for postgresql.conf's archive_command, not yet quoted for that file.
     *
     * @param longest how long the server's archiver waits for one answer before it asks again
     */
    public static String archiveCommand(Path folder, Duration longest) {
        String quoted =
                "'" + folder.toAbsolutePath().toString().replace("'", "'\\''").replace("%", "%%") + "'";
        return "/bin/sh " + quoted + "/" + SCRIPT + " " + quoted + " \"%f\" \"%p\" " + longest.toSeconds();
    }

    /** The last file that is safe in the store; empty if none came yet. */
    public Optional<String> lastStored() {
        return lastStored;
    }

    /** Why the last file could not be stored, until one can. */
    public Optional<PostgresException> trouble() {
        return trouble;
    }

    private void watch() {
        try (WatchService watch = FileSystems.getDefault().newWatchService()) {
            folder.resolve("want")
                    .register(watch, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
            while (!closing) {
                round();
                WatchKey key = watch.poll(BEAT.toMillis(), TimeUnit.MILLISECONDS);
                if (key != null) {
                    key.pollEvents();
                    key.reset();
                }
            }
        } catch (InterruptedException e) {
            // Closing.
        } catch (IOException | RuntimeException e) {
            log.error("The spool {} is no longer served; the server keeps its WAL", folder, e);
            trouble = Optional.of(spoolFailed("is no longer served", "Start it again.", e));
        }
    }

    /** A disk that was full when an answer was to be written ends nothing: its request is still there. */
    private void round() throws IOException {
        try {
            for (Path wanted : list("want")) {
                answer(wanted);
            }
            sweep();
            reporter.tell(lastStored, trouble);
        } catch (IOException e) {
            if (!Files.isDirectory(folder.resolve("want"))) {
                throw e;
            }
            log.warn("The spool {} cannot be used; trying again", folder, e);
            trouble = Optional.of(spoolFailed("cannot be used", "It is tried again.", e));
        }
    }

    private PostgresException spoolFailed(String how, String next, Exception cause) {
        return new PostgresException(
                "WAL_SPOOL_FAILED",
                "The spool " + folder + " " + how + ": " + cause,
                "Is there space, and is the folder still there? " + next,
                cause);
    }

    private List<Path> list(String below) throws IOException {
        List<Path> found = new ArrayList<>();
        try (var stream = Files.newDirectoryStream(folder.resolve(below))) {
            stream.forEach(found::add);
        }
        found.sort(null);
        return found;
    }

    private void answer(Path wanted) throws IOException {
        String request = wanted.getFileName().toString();
        String[] asked;
        try {
            if (Files.size(wanted) > MAX_REQUEST) {
                throw new IOException("a request of more than " + MAX_REQUEST + " bytes");
            }
            asked = Files.readString(wanted).split("\n", -1);
        } catch (NoSuchFileException e) {
            return; // Its script has stopped waiting.
        }
        if (asked.length < 2 || !asked[0].matches("[0-9A-Za-z._]{1,100}") || !request.matches("[0-9A-Za-z-]{1,100}")) {
            log.warn("{} is no request of archive-wal.sh", wanted);
            Files.deleteIfExists(wanted);
            return;
        }
        String name = asked[0];
        try {
            files.store(name, Path.of(asked[1]));
            lastStored = Optional.of(name);
            trouble = Optional.empty();
            say(request, "stored\n");
        } catch (PostgresException e) {
            refuse(name, request, e);
        } catch (StoreException e) {
            refuse(name, request, new PostgresException(e.code(), String.valueOf(e.getMessage()), e.hint(), e));
        } catch (RepositoryException e) {
            refuse(name, request, new PostgresException(e.code(), String.valueOf(e.getMessage()), e.hint(), e));
        } catch (IOException | UncheckedIOException e) {
            refuse(
                    name,
                    request,
                    new PostgresException(
                            "WAL_FILE_UNKNOWN",
                            "The WAL file " + asked[1] + " cannot be read: " + e.getMessage(),
                            "May the worker read the server's files under this path?",
                            e));
        }
        Files.deleteIfExists(wanted);
    }

    private void refuse(String name, String request, PostgresException why) throws IOException {
        boolean news = trouble.map(old -> !String.valueOf(old.getMessage()).equals(why.getMessage()))
                .orElse(true);
        if (news) {
            log.warn("WAL file {} is not archived: {}: {} Hint: {}", name, why.code(), why.getMessage(), why.hint());
        }
        trouble = Optional.of(why);
        say(request, "refused\n" + why.code() + ": " + why.getMessage() + " Hint: " + why.hint() + "\n");
    }

    private void say(String request, String text) throws IOException {
        Path fresh = folder.resolve("coming").resolve(request + ".answer");
        Files.writeString(fresh, text);
        owner.accept(fresh);
        Files.move(fresh, folder.resolve("answers").resolve(request), StandardCopyOption.ATOMIC_MOVE);
    }

    private void sweep() throws IOException {
        FileTime old = FileTime.from(clock.instant().minus(STALE));
        for (String below : List.of("answers", "coming")) {
            for (Path file : list(below)) {
                try {
                    if (Files.getLastModifiedTime(file).compareTo(old) < 0) {
                        Files.deleteIfExists(file);
                    }
                } catch (NoSuchFileException e) {
                    // Taken meanwhile.
                }
            }
        }
    }

    /** Ends the serving. The server keeps its WAL until the next one serves. */
    @Override
    public void close() {
        closing = true;
        watcher.interrupt();
        try {
            watcher.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

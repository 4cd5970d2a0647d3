package dev.muster.postgres.restore;

import dev.muster.postgres.PostgresException;
import dev.muster.postgres.spool.SpoolReport;
import dev.muster.postgres.spool.SpoolReporter;
import dev.muster.postgres.wal.WalSource;
import dev.muster.repository.RepositoryException;
import dev.muster.storage.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fills the folder from which {@code restore-wal.sh} serves PostgreSQL's restore_command: answers what is asked, and
 * fetches the next segments ahead. May be killed and started again at any time: the script waits meanwhile, and no file
 * is ever seen half written.
 */
public final class WalSpool implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(WalSpool.class);
    private static final String SCRIPT = "restore-wal.sh";
    /** Well below the silence after which the script takes the filler for dead. */
    private static final Duration BEAT = Duration.ofMillis(500);

    private static final int AHEAD = 4;
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final Path folder;
    private final WalSource source;
    private final Consumer<Path> owner;
    private final ExecutorService fetchers;
    private final Thread watcher;
    private final SpoolReporter reporter;
    private final Set<String> underWay = ConcurrentHashMap.newKeySet();
    private final Set<String> fetchedAhead = ConcurrentHashMap.newKeySet();
    private volatile boolean closing;
    private volatile Optional<PostgresException> trouble = Optional.empty();
    private volatile Optional<Answer> lastServed = Optional.empty();
    private volatile Optional<Answer> lastAbsent = Optional.empty();
    private long beat = System.nanoTime();

    /**
     * What was asked for.
     *
     * @param lookedAt when the archive was asked, by {@link System#nanoTime}: what came to it later is not in the answer
     */
    public record Answer(String name, long lookedAt) {}

    private WalSpool(Path folder, WalSource source, Consumer<Path> owner) {
        this.folder = folder;
        this.source = source;
        this.owner = owner;
        this.fetchers = Executors.newFixedThreadPool(2, task -> thread(task, "wal-fetch"));
        this.watcher = thread(this::watch, "wal-spool");
        this.reporter = new SpoolReporter(folder, SpoolReport.Use.RESTORE_COMMAND);
    }

    private static Thread thread(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Starts to fill a spool; its folders and the script are made when they are missing.
     *
     * @param folder the spool, for one instance only
     * @param owner is called with each file, to hand it to the user that PostgreSQL runs as
     */
    public static WalSpool start(Path folder, WalSource source, Consumer<Path> owner) {
        WalSpool spool = new WalSpool(folder, source, owner);
        try {
            spool.prepare();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot prepare the WAL spool " + folder, e);
        }
        spool.watcher.start();
        return spool;
    }

    private void prepare() throws IOException {
        for (String name : List.of("want", "ready", "absent", "failed", "coming")) {
            Files.createDirectories(
                    folder.resolve(name),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        // What an earlier filler fetched may be a partial segment that has grown since.
        for (String name : List.of("ready", "coming")) {
            for (Path file : files(name)) {
                Files.deleteIfExists(file);
            }
        }
        try (InputStream script = WalSpool.class.getResourceAsStream(SCRIPT)) {
            if (script == null) {
                throw new NoSuchFileException(SCRIPT + " on the class path");
            }
            Path fresh = folder.resolve("coming").resolve(SCRIPT);
            Files.copy(script, fresh);
            Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.move(fresh, script(folder), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
        showLife();
        owner.accept(folder);
    }

    private static Path script(Path folder) {
        return folder.resolve(SCRIPT);
    }

    /**
     * The command for postgresql.conf's restore_command, not yet quoted for that file.
     *
     * @param silence how long the script waits for a filler that shows no life
     */
    public static String restoreCommand(Path folder, Duration silence) {
        return "/bin/sh " + quoted(script(folder)) + " " + quoted(folder) + " \"%f\" \"%p\" " + silence.toSeconds();
    }

    /** For a shell, and with "%" doubled, which PostgreSQL would otherwise take for a placeholder. */
    private static String quoted(Path path) {
        return "'" + path.toAbsolutePath().toString().replace("'", "'\\''").replace("%", "%%") + "'";
    }

    /** The newest trouble in bringing a file, until one is brought again. */
    public Optional<PostgresException> trouble() {
        return trouble;
    }

    /** The last segment or history file that was handed over; empty if none yet. */
    public Optional<Answer> lastServed() {
        return lastServed;
    }

    /** The last file that was asked for and is not in the archive; empty if none yet. */
    public Optional<Answer> lastAbsent() {
        return lastAbsent;
    }

    private List<Path> files(String below) throws IOException {
        List<Path> files = new ArrayList<>();
        try (var stream = Files.newDirectoryStream(folder.resolve(below))) {
            stream.forEach(files::add);
        }
        return files;
    }

    private void watch() {
        try (WatchService watch = FileSystems.getDefault().newWatchService()) {
            folder.resolve("want")
                    .register(watch, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
            while (!closing) {
                showLife();
                for (Path wanted : files("want")) {
                    String name = wanted.getFileName().toString();
                    if (underWay.add(name)) {
                        fetchers.execute(() -> answer(name));
                    }
                }
                WatchKey key = watch.poll(BEAT.toMillis(), TimeUnit.MILLISECONDS);
                if (key != null) {
                    key.pollEvents();
                    key.reset();
                }
            }
        } catch (InterruptedException | ClosedWatchServiceException e) {
            // Closing.
        } catch (IOException | RuntimeException e) {
            // Without life signs the script takes this filler for dead, as it is.
            log.error("The WAL spool {} is no longer filled", folder, e);
            trouble = Optional.of(spoolFailed("is no longer filled", e));
        }
    }

    private PostgresException spoolFailed(String how, Exception cause) {
        return new PostgresException(
                "WAL_SPOOL_FAILED",
                "The WAL spool " + folder + " " + how + ": " + cause,
                "Is there space, and is the folder still there?",
                cause);
    }

    /** On a full disk there may be room again before the script takes this filler for dead: that ends nothing. */
    private void showLife() throws IOException {
        try {
            Path fresh = folder.resolve("coming").resolve("alive");
            Files.writeString(fresh, ++beat + "\n");
            Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-r--r--"));
            Files.move(
                    fresh,
                    folder.resolve("alive"),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            reporter.tell(lastServed.map(Answer::name), trouble);
        } catch (IOException e) {
            if (!Files.isDirectory(folder.resolve("coming"))) {
                throw e;
            }
            log.warn("The WAL spool {} cannot be written; trying again", folder, e);
            trouble = Optional.of(spoolFailed("cannot be written", e));
        }
    }

    private void answer(String name) {
        try {
            dropPassed(name);
            Answer answer = new Answer(name, System.nanoTime());
            // Only whole segments are fetched ahead; anything else that lies there may have grown since.
            boolean ahead = fetchedAhead.contains(name)
                    && Files.exists(folder.resolve("ready").resolve(name));
            if (ahead || fetch(name)) {
                served(answer);
            } else {
                lastAbsent = Optional.of(answer);
                trouble = Optional.empty();
                mark("absent", name, "");
            }
            Files.deleteIfExists(folder.resolve("want").resolve(name));
            fetchAhead(name);
        } catch (IOException | RuntimeException e) {
            if (!closing) {
                failed(name, e);
            }
        } finally {
            underWay.remove(name);
        }
    }

    /**
     * What may pass is not answered: the script goes on waiting, and the request is taken up again. What this filler was
     * doing when it was closed is for the next one.
     */
    private void failed(String name, Exception cause) {
        boolean passing = cause instanceof StoreException
                || cause instanceof IOException
                || cause instanceof UncheckedIOException
                || (cause instanceof RepositoryException known && known.code().equals("OBJECT_UNREADABLE"));
        record(name, passing ? "STORE_UNAVAILABLE" : "WAL_FETCH_FAILED", cause);
        if (passing) {
            pause();
        } else {
            giveUp(name, cause);
        }
    }

    private void served(Answer answer) {
        fetchedAhead.remove(answer.name());
        lastServed = Optional.of(answer);
        trouble = Optional.empty();
    }

    private void giveUp(String name, Exception cause) {
        try {
            mark("failed", name, "muster: " + name + ": " + cause.getMessage() + "\n");
            Files.deleteIfExists(folder.resolve("want").resolve(name));
        } catch (IOException | UncheckedIOException e) {
            log.error("Cannot even say that {} cannot be brought", name, e);
            pause();
        }
    }

    private void record(String name, String code, Exception cause) {
        log.warn("WAL file {} cannot be brought to {}", name, folder, cause);
        trouble = Optional.of(
                cause instanceof PostgresException known
                        ? known
                        : new PostgresException(
                                code,
                                "WAL file " + name + " cannot be brought to " + folder + ": " + cause.getMessage(),
                                "Is the store reachable, and is there space at the target?",
                                cause));
    }

    private void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(RETRY.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void mark(String kind, String name, String text) throws IOException {
        Path fresh = Files.createTempFile(folder.resolve("coming"), kind, "");
        Files.writeString(fresh, text);
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-r--r--"));
        Files.move(
                fresh,
                folder.resolve(kind).resolve(name),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    private boolean fetch(String name) throws IOException {
        // A name of its own: the same file may be fetched on request and ahead at once.
        Path coming = folder.resolve("coming")
                .resolve(name + "." + Thread.currentThread().getId() + "." + System.nanoTime());
        try {
            if (!source.fetch(name, coming)) {
                return false;
            }
            owner.accept(coming);
            Files.move(
                    coming,
                    folder.resolve("ready").resolve(name),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            return true;
        } finally {
            Files.deleteIfExists(coming);
        }
    }

    private void fetchAhead(String name) {
        for (String next : source.following(name, AHEAD)) {
            if (fetchedAhead.add(next)) {
                fetchers.execute(() -> {
                    try {
                        if (closing || !fetch(next)) {
                            fetchedAhead.remove(next);
                        }
                    } catch (IOException | RuntimeException e) {
                        // When it is asked for, it is fetched again, and then the trouble counts.
                        fetchedAhead.remove(next);
                        log.debug("{} could not be fetched ahead", next, e);
                    }
                });
            }
        }
    }

    /** Replay has passed these: nobody will come for them, and they take space. */
    private void dropPassed(String name) throws IOException {
        for (Path ready : files("ready")) {
            String other = ready.getFileName().toString();
            if (other.length() == name.length() && other.substring(8).compareTo(name.substring(8)) < 0) {
                Files.deleteIfExists(ready);
                fetchedAhead.remove(other);
            }
        }
    }

    /** Ends the filling. The server under recovery waits for the next filler, at most the silence it was given. */
    @Override
    public void close() {
        closing = true;
        watcher.interrupt();
        fetchers.shutdownNow();
        try {
            watcher.join(TimeUnit.SECONDS.toMillis(10));
            if (!fetchers.awaitTermination(10, TimeUnit.SECONDS)) {
                log.warn("A fetch of WAL into {} does not end", folder);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

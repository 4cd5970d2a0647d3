package dev.muster.postgres.checks;

import dev.muster.postgres.PostgresException;
import dev.muster.postgres.checks.ChecksumReport.BadPage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Verifies the checksum of every page of a data directory, whose server may run: a page that looks bad is read again,
 * because it may have been caught while it was written. Files that vanish meanwhile, zero pages and misaligned tails
 * are fine.
 */
public final class ChecksumCheck {
    private static final Pattern RELATION_FILE = Pattern.compile("[0-9]+(?:_(?:fsm|vm|init))?(?:\\.([0-9]+))?");
    private static final int PAGES_AT_ONCE = 128;
    private static final int LISTED = 100;
    private static final int ATTEMPTS = 3;
    private static final long SEGMENT = 1L << 30;
    private static final long PAUSE_MILLISECONDS = 20;

    private final Path dataDirectory;
    private final int blockSize;
    private final AtomicLong files = new AtomicLong();
    private final AtomicLong pages = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong bad = new AtomicLong();
    private final List<BadPage> listed = new ArrayList<>();

    private ChecksumCheck(Path dataDirectory, int blockSize) {
        this.dataDirectory = dataDirectory;
        this.blockSize = blockSize;
    }

    /** Whether the cluster has checksums at all; without them a check means nothing and must not be reported as one. */
    public static boolean areOn(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("show data_checksums")) {
            rows.next();
            return "on".equals(rows.getString(1));
        }
    }

    /**
     * Checks all relation files below base, global and the tablespaces.
     *
     * @param blockSize bytes of a page, 8192 unless PostgreSQL was built otherwise
     * @param threads 1 or more
     * @throws PostgresException CHECKSUM_CHECK_FAILED if files cannot be read
     */
    public static ChecksumReport run(Path dataDirectory, int blockSize, int threads) {
        ChecksumCheck check = new ChecksumCheck(dataDirectory, blockSize);
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (Path file : check.relationFiles()) {
                running.add(executor.submit(() -> {
                    check.checkFile(file);
                    return file;
                }));
            }
            for (Future<?> one : running) {
                one.get();
            }
        } catch (ExecutionException | IOException e) {
            throw new PostgresException(
                    "CHECKSUM_CHECK_FAILED",
                    "The pages below " + dataDirectory + " cannot all be read: " + e.getMessage(),
                    "May this user read the files, and is the disk sound? See the system's log.",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PostgresException(
                    "INTERRUPTED", "Interrupted while checking " + dataDirectory, "The worker is stopping.", e);
        } finally {
            executor.shutdownNow();
        }
        check.listed.sort(Comparator.comparing(BadPage::path).thenComparing(BadPage::block));
        return new ChecksumReport(
                check.files.get(), check.pages.get(), check.bytes.get(), check.bad.get(), List.copyOf(check.listed));
    }

    private List<Path> relationFiles() throws IOException {
        List<Path> roots = new ArrayList<>(List.of(dataDirectory.resolve("global"), dataDirectory.resolve("base")));
        Path spaces = dataDirectory.resolve("pg_tblspc");
        if (Files.isDirectory(spaces)) {
            try (Stream<Path> links = Files.list(spaces)) {
                // The links themselves are followed, nothing below them is.
                for (Path link : links.toList()) {
                    roots.add(link.toRealPath());
                }
            }
        }
        List<Path> found = new ArrayList<>();
        for (Path root : roots) {
            try (Stream<Path> paths = Files.walk(root)) {
                paths.filter(path -> RELATION_FILE
                                .matcher(path.getFileName().toString())
                                .matches())
                        .filter(Files::isRegularFile)
                        .forEach(found::add);
            }
        }
        return found;
    }

    private void checkFile(Path file) throws IOException, InterruptedException {
        Matcher name = RELATION_FILE.matcher(file.getFileName().toString());
        String segment = name.matches() ? name.group(1) : null;
        long firstBlock = segment == null ? 0 : Long.parseLong(segment) * (SEGMENT / blockSize);
        byte[] buffer = new byte[blockSize * PAGES_AT_ONCE];
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            files.incrementAndGet();
            for (long position = 0; ; ) {
                int read = read(channel, buffer, buffer.length, position);
                bytes.addAndGet(read);
                for (int offset = 0; offset + blockSize <= read; offset += blockSize) {
                    long block = firstBlock + (position + offset) / blockSize;
                    pages.incrementAndGet();
                    if (!PageChecksum.isValid(buffer, offset, blockSize, block)) {
                        checkAgain(file, channel, position + offset, block);
                    }
                }
                position += read;
                if (read < buffer.length) {
                    return;
                }
            }
        } catch (NoSuchFileException e) {
            // Dropped since the folder was listed.
        }
    }

    private void checkAgain(Path file, FileChannel channel, long position, long block)
            throws IOException, InterruptedException {
        byte[] page = new byte[blockSize];
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            if (read(channel, page, blockSize, position) < blockSize
                    || PageChecksum.isValid(page, 0, blockSize, block)) {
                return;
            }
            // A write that is under way ends within milliseconds.
            Thread.sleep(PAUSE_MILLISECONDS);
        }
        bad.incrementAndGet();
        synchronized (listed) {
            if (listed.size() < LISTED) {
                Path path = file.startsWith(dataDirectory) ? dataDirectory.relativize(file) : file;
                listed.add(new BadPage(
                        path.toString(),
                        block,
                        PageChecksum.stored(page, 0),
                        PageChecksum.of(page, 0, blockSize, block)));
            }
        }
    }

    private static int read(FileChannel channel, byte[] buffer, int length, long position) throws IOException {
        ByteBuffer target = ByteBuffer.wrap(buffer, 0, length);
        while (target.hasRemaining()) {
            if (channel.read(target, position + target.position()) < 0) {
                break;
            }
        }
        return target.position();
    }
}

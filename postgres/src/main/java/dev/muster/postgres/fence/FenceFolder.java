package dev.muster.postgres.fence;

import dev.muster.postgres.PostgresException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * The files of one cluster's fence, in the host worker's state folder, on a disk that survives a reboot. The user that
 * starts PostgreSQL reads the state and writes his marker here.
 */
public final class FenceFolder {
    static final String STATE = "fence.state";
    static final String PROOF = "lease.proof";
    static final String STARTER = "start-postgres";
    private static final String MARKER = "starter.";
    private static final String HEAD = "muster-fence 1";
    private static final int LARGEST = 16 << 10;
    /** Of all folders in this process: a lock on a file only keeps other processes out. */
    private static final Object ONE_AT_A_TIME = new Object();

    private final Path folder;

    /** @param folder absolute or not; need not exist yet */
    public FenceFolder(Path folder) {
        this.folder = folder.toAbsolutePath().normalize();
        FenceOrder.line("folder", this.folder.toString());
    }

    public Path path() {
        return folder;
    }

    /** The script that starts PostgreSQL; there after {@link #install}. */
    public Path starter() {
        return folder.resolve(STARTER);
    }

    /** Where a lease's keeper writes its proof for the starter. */
    public Path leaseProof() {
        return folder.resolve(PROOF);
    }

    /**
     * Creates the folder, writes the script, and a state that is not fenced if there is none. A state that is there
     * stays, but for whether a lease is required.
     *
     * @throws PostgresException FENCE_STATE_DAMAGED, FENCE_OTHER_DATA_DIRECTORY
     */
    public FenceState install(Path dataDirectory, boolean leaseRequired) {
        String data = dataDirectory.toAbsolutePath().normalize().toString();
        FenceOrder.line("data directory", data);
        try {
            Files.createDirectories(folder);
            Path script = write(STARTER + ".new", script());
            Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.move(script, starter(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw unwritable(e);
        }
        synchronized (ONE_AT_A_TIME) {
            if (!Files.exists(folder.resolve(STATE))) {
                store(new FenceState(false, 0, "none", "installed", "muster", Instant.now(), leaseRequired, data));
            }
        }
        return change(state -> {
            if (!state.dataDirectory().equals(data)) {
                throw new PostgresException(
                        "FENCE_OTHER_DATA_DIRECTORY",
                        "The fence in " + folder + " is for " + state.dataDirectory() + ", not for " + data,
                        "Give each cluster a folder of its own.");
            }
            return state.leaseRequired() == leaseRequired ? state : state.withLease(leaseRequired);
        });
    }

    /** @throws PostgresException FENCE_NOT_INSTALLED, FENCE_STATE_DAMAGED, FENCE_STATE_UNREADABLE */
    public FenceState state() {
        Path file = folder.resolve(STATE);
        try {
            if (Files.size(file) > LARGEST) {
                throw damaged("it is too large");
            }
            return parse(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            throw new PostgresException(
                    "FENCE_NOT_INSTALLED",
                    "There is no " + file + ": whether the cluster is fenced is not known",
                    "Is the disk of the state folder mounted? On a new host: install the fence.",
                    e);
        } catch (IOException e) {
            throw new PostgresException(
                    "FENCE_STATE_UNREADABLE",
                    "Cannot read " + file + ": whether the cluster is fenced is not known",
                    "Look at the disk; PostgreSQL is not started meanwhile.",
                    e);
        }
    }

    /** Changes the state, durably when it returns, one at a time on this host. */
    FenceState change(UnaryOperator<FenceState> change) {
        synchronized (ONE_AT_A_TIME) {
            try (FileChannel channel = FileChannel.open(
                            folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                assert lock.isValid();
                FenceState before = state();
                FenceState after = change.apply(before);
                if (!after.equals(before)) {
                    store(after);
                }
                return after;
            } catch (IOException e) {
                throw unwritable(e);
            }
        }
    }

    /** Starters that were about to start PostgreSQL, or did. */
    List<Processes.Starter> starters() {
        List<Processes.Starter> starters = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, MARKER + "[0-9]*")) {
            for (Path file : files) {
                long id = Long.parseLong(file.getFileName().toString().substring(MARKER.length()));
                try {
                    starters.add(
                            new Processes.Starter(id, Files.readString(file).strip()));
                } catch (NoSuchFileException ended) {
                    // It ended since the listing.
                }
            }
            return starters;
        } catch (IOException | NumberFormatException e) {
            throw unwritable(e);
        }
    }

    /** Whether PostgreSQL was last started, since the kernel was, where this process cannot see its processes. */
    boolean startedElsewhere() {
        try {
            String started = Files.readString(folder.resolve("started")).strip();
            String here = Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
            return started.startsWith(BootClock.boot()) && !started.equals(BootClock.boot() + " " + here);
        } catch (NoSuchFileException never) {
            return false;
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    void forgetStarter(long id) {
        try {
            Files.deleteIfExists(folder.resolve(MARKER + id));
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private void store(FenceState state) {
        String text = String.join(
                "\n",
                HEAD,
                "fenced " + (state.fenced() ? "yes" : "no"),
                "epoch " + state.epoch(),
                "run " + state.run(),
                "reason " + state.reason(),
                "by " + state.by(),
                "since " + state.since(),
                "lease " + (state.leaseRequired() ? "required" : "none"),
                "data " + state.dataDirectory(),
                "");
        long sum = Cksum.of(text.getBytes(StandardCharsets.UTF_8));
        try {
            Path written = write(STATE + ".new", text + "end " + sum + "\n");
            Files.move(
                    written,
                    folder.resolve(STATE),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
                directory.force(true);
            }
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    /** Into a file beside, on the disk when it returns. */
    private Path write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        return file;
    }

    private FenceState parse(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        int end = text.lastIndexOf("\nend ");
        String content = end < 0 ? "" : text.substring(0, end + 1);
        String sum = "end " + Cksum.of(content.getBytes(StandardCharsets.UTF_8)) + "\n";
        if (!content.startsWith(HEAD + "\n") || !text.equals(content + sum)) {
            throw damaged("its check sum does not match");
        }
        Map<String, String> values = new HashMap<>();
        content.lines().skip(1).forEach(line -> {
            int space = line.indexOf(' ');
            values.put(line.substring(0, Math.max(space, 0)), line.substring(space + 1));
        });
        try {
            return new FenceState(
                    chosen(values, "fenced", "yes", "no"),
                    Long.parseLong(value(values, "epoch")),
                    value(values, "run"),
                    value(values, "reason"),
                    value(values, "by"),
                    Instant.parse(value(values, "since")),
                    chosen(values, "lease", "required", "none"),
                    value(values, "data"));
        } catch (NumberFormatException | DateTimeException e) {
            throw damaged(String.valueOf(e.getMessage()));
        }
    }

    private boolean chosen(Map<String, String> values, String key, String yes, String no) {
        String value = value(values, key);
        if (!value.equals(yes) && !value.equals(no)) {
            throw damaged("its " + key + " is " + value);
        }
        return value.equals(yes);
    }

    private String value(Map<String, String> values, String key) {
        String value = values.get(key);
        if (value == null) {
            throw damaged("it has no " + key);
        }
        return value;
    }

    /** The script with the folder's name in it: a copy of it elsewhere still finds the state, or its absence. */
    private String script() throws IOException {
        try (var stream = FenceFolder.class.getResourceAsStream("start-postgres.sh")) {
            if (stream == null) {
                throw new IOException("start-postgres.sh is not on the class path");
            }
            String quoted = "'" + folder.toString().replace("'", "'\\''") + "'";
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8).replace("@FOLDER@", quoted);
        }
    }

    private PostgresException damaged(String how) {
        return new PostgresException(
                "FENCE_STATE_DAMAGED",
                folder.resolve(STATE) + " is damaged: " + how,
                "Find out whether the cluster was fenced before the file is replaced; PostgreSQL is not started"
                        + " meanwhile.");
    }

    private PostgresException unwritable(Exception e) {
        String hint = e instanceof AtomicMoveNotSupportedException
                ? "The state folder must be on a file system with atomic renames."
                : "Is the disk mounted, has it space, and may this user write there?";
        return new PostgresException("FENCE_STATE_UNREADABLE", "Cannot write or list " + folder, hint, e);
    }
}

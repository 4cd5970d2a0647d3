package dev.muster.postgres.standby;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Files of a data directory that say how its server starts: postgresql.auto.conf and the signals. Written as a file and
 * not by ALTER SYSTEM, so that it works on a stopped server, and with no superuser's log-in.
 */
public final class AutomaticConfiguration {
    private static final String CONF = "postgresql.auto.conf";
    private static final String STANDBY_SIGNAL = "standby.signal";

    /** What an earlier recovery may have left, which would add a target or follow somebody else. */
    static final Set<String> RECOVERY = Set.of(
            "restore_command",
            "archive_cleanup_command",
            "recovery_end_command",
            "recovery_target",
            "recovery_target_name",
            "recovery_target_time",
            "recovery_target_xid",
            "recovery_target_lsn",
            "recovery_target_inclusive",
            "recovery_target_timeline",
            "recovery_target_action",
            "recovery_min_apply_delay",
            "primary_conninfo",
            "primary_slot_name");

    private final Path dataDirectory;

    public AutomaticConfiguration(Path dataDirectory) {
        this.dataDirectory = dataDirectory;
    }

    /** Replaces settings; whole or not at all, also after a loss of power. The server reads it at a start or reload. */
    public void change(Set<String> removed, Map<String, String> set) {
        Path file = dataDirectory.resolve(CONF);
        try {
            StringBuilder text = new StringBuilder();
            if (Files.exists(file)) {
                for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
                    String name = line.strip().split("[\\s=]", 2)[0].toLowerCase(Locale.ROOT);
                    if (!removed.contains(name) && !set.containsKey(name)) {
                        text.append(line).append('\n');
                    }
                }
            }
            set.forEach((name, value) -> text.append(name)
                    .append(" = '")
                    .append(value.replace("\\", "\\\\").replace("'", "''"))
                    .append("'\n"));
            write(file, text.toString());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot change " + file, e);
        }
    }

    /** From the next start on this is a standby: whoever starts it, it takes no writes. */
    public void signalStandby() {
        try {
            Files.deleteIfExists(dataDirectory.resolve("recovery.signal"));
            write(dataDirectory.resolve(STANDBY_SIGNAL), "");
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot make " + dataDirectory + " a standby", e);
        }
    }

    /** Whom it followed before, it must not follow when somebody starts it at an unexpected moment. */
    public void forgetUpstream() {
        change(RECOVERY, Map.of());
    }

    public boolean signalsStandby() {
        return Files.exists(dataDirectory.resolve(STANDBY_SIGNAL));
    }

    /** From the next start on this takes writes. */
    public void clearStandbySignal() {
        remove(STANDBY_SIGNAL);
    }

    /** Removes a file of the data directory for good. */
    public void remove(String name) {
        try {
            Files.deleteIfExists(dataDirectory.resolve(name));
            sync(dataDirectory);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot remove " + dataDirectory.resolve(name), e);
        }
    }

    /** Only the owner reads it. */
    public static void write(Path file, String text) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(fresh, text);
        sync(fresh);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        sync(file.toAbsolutePath().resolveSibling("."));
    }

    private static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}

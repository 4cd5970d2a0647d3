package dev.muster.postgres.restore;

import dev.muster.postgres.PostgresException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Prepares a restored data directory to become the live server again, or a standby of it. Unlike a copy it keeps the
 * source's configuration; only what recovery needs is added to postgresql.auto.conf. Use it for the live place alone,
 * when the old server there is stopped for good: it archives and replicates as the source did.
 */
public final class InPlaceRecovery {
    /** What a recovery before this one may have left, which would add a second target or follow an old primary. */
    private static final Set<String> RECOVERY_SETTINGS = Set.of(
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

    private static final Pattern SLOT = Pattern.compile("[a-z0-9_]{1,63}");
    /** A word of a connection text; passfile= is another. */
    private static final Pattern PASSWORD =
            Pattern.compile("(?i)(^|[\\s?&])(ssl)?password\\s*=|//[^/@\\s]*:[^/@\\s]*@");

    /** What happens when the target is reached. */
    public enum AtTarget {
        /** Read-only, waiting for a person. */
        PAUSE,
        /** Writable, on a new timeline. */
        PROMOTE,
        /** Stopped, to be looked at. */
        SHUTDOWN
    }

    /** What the data directory is to become. */
    public sealed interface Purpose {
        /**
         * The primary, at a point.
         *
         * @param timeline to recover along
         */
        record Recover(RecoveryTarget target, int timeline, AtTarget atTarget) implements Purpose {
            public Recover {
                if (target instanceof RecoveryTarget.Latest && atTarget == AtTarget.SHUTDOWN) {
                    throw new IllegalArgumentException("PostgreSQL cannot stop at the end of all WAL.");
                }
            }
        }

        /**
         * A standby that follows a primary along whatever timelines.
         *
         * @param connection primary_conninfo; a password goes to a passfile that it names
         * @param slot at the primary; create it before the start, or the primary may remove WAL that is needed
         */
        record Follow(String connection, Optional<String> slot) implements Purpose {
            public Follow {
                if (PASSWORD.matcher(connection).find()) {
                    throw new PostgresException(
                            "PASSWORD_IN_CONNECTION",
                            "The standby's connection to its primary holds a password",
                            "Name a password file instead: passfile=/path (see .pgpass).");
                }
                if (!slot.map(name -> SLOT.matcher(name).matches()).orElse(true)) {
                    throw new PostgresException(
                            "SLOT_NAME_INVALID",
                            "Not a name for a replication slot: '" + slot.orElse("") + "'",
                            "Use lower-case letters, digits and underscores, at most 63.");
                }
            }
        }
    }

    private InPlaceRecovery() {}

    /**
     * Writes the recovery's settings and its signal file. Start the server afterwards. Again with other settings it
     * replaces what it wrote.
     *
     * @param dataDirectory a whole restored backup, its server stopped
     * @param restoreCommand such as {@link WalSpool#restoreCommand}; empty if a standby streams everything
     * @throws PostgresException RESTORE_INCOMPLETE
     */
    public static void configure(Path dataDirectory, Purpose purpose, Optional<String> restoreCommand) {
        try {
            if (!RestoreTarget.isComplete(dataDirectory)) {
                throw new PostgresException(
                        "RESTORE_INCOMPLETE",
                        "There is no whole restored backup in " + dataDirectory,
                        "Run the restore to its end first, with the same token if it was interrupted.");
            }
            write(dataDirectory, purpose, restoreCommand);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot configure the recovery in " + dataDirectory, e);
        }
    }

    /**
     * Makes a stopped data directory that no restore has made a standby: an old primary that is simply behind, or was
     * rewound. Whether it may follow that primary is for the caller to know.
     */
    public static void follow(Path dataDirectory, Purpose.Follow standby, Optional<String> restoreCommand) {
        try {
            write(dataDirectory, standby, restoreCommand);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot configure the standby in " + dataDirectory, e);
        }
    }

    private static void write(Path dataDirectory, Purpose purpose, Optional<String> restoreCommand) throws IOException {
        Map<String, String> settings = new LinkedHashMap<>();
        restoreCommand.ifPresent(command -> settings.put("restore_command", command));
        boolean standby = settings(purpose, settings);
        // Paused without it the server would stop instead.
        settings.put("hot_standby", "on");
        Path file = dataDirectory.resolve("postgresql.auto.conf");
        String kept = Files.exists(file) ? kept(Files.readString(file, StandardCharsets.UTF_8)) : "";
        StringBuilder text = new StringBuilder(kept).append("# Added by Muster for this recovery.\n");
        settings.forEach((name, value) -> text.append(name)
                .append(" = ")
                .append(RecoverySettings.quoted(value))
                .append('\n'));
        CopyConfiguration.put(file, text.toString());
        Files.deleteIfExists(dataDirectory.resolve("recovery.signal"));
        Files.deleteIfExists(dataDirectory.resolve("standby.signal"));
        CopyConfiguration.put(dataDirectory.resolve(standby ? "standby.signal" : "recovery.signal"), "");
        RestoreTarget.sync(dataDirectory);
    }

    /** @return whether recovery is never to end by itself */
    private static boolean settings(Purpose purpose, Map<String, String> settings) {
        if (purpose instanceof Purpose.Follow follow) {
            settings.put("primary_conninfo", follow.connection());
            follow.slot().ifPresent(slot -> settings.put("primary_slot_name", slot));
            settings.put("recovery_target_timeline", "latest");
            return true;
        }
        Purpose.Recover recover = (Purpose.Recover) purpose;
        settings.putAll(new TreeMap<>(recover.target().settings()));
        settings.put("recovery_target_timeline", Integer.toString(recover.timeline()));
        if (recover.target() instanceof RecoveryTarget.Latest) {
            return recover.atTarget() == AtTarget.PAUSE;
        }
        settings.put("recovery_target_action", recover.atTarget().name().toLowerCase(Locale.ROOT));
        return false;
    }

    private static String kept(String conf) {
        StringBuilder kept = new StringBuilder();
        for (String line : List.of(conf.split("\n", -1))) {
            String name = line.strip().split("[\\s=]", 2)[0].toLowerCase(Locale.ROOT);
            boolean ours = line.startsWith("# Added by Muster") || RECOVERY_SETTINGS.contains(name);
            if (!ours && !line.isBlank()) {
                kept.append(line).append('\n');
            }
        }
        return kept.toString();
    }
}

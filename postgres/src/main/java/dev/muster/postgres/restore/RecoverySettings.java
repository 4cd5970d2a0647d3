package dev.muster.postgres.restore;

import dev.muster.postgres.backup.BackupSummary;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How a restored copy is recovered and run. From this come all of its configuration files: nothing of the source's
 * configuration is used, so the copy cannot archive over the source's archive, replicate, run jobs or be mistaken for
 * the source (SAFETY Failover 14).
 *
 * @param target where replay stops; the copy stays there, in recovery and read-only
 * @param timeline the timeline to recover along
 * @param port on the loopback
 * @param access who may connect
 * @param allowedLibraries of the source's shared_preload_libraries, those that the copy may load; mostly none
 * @param sharedBuffers as in postgresql.conf, such as {@code 128MB}
 * @param fillerSilence how long replay waits for WAL when the process that brings it shows no life
 */
public record RecoverySettings(
        RecoveryTarget target,
        int timeline,
        int port,
        Access access,
        Set<String> allowedLibraries,
        String sharedBuffers,
        Duration fillerSilence) {

    /** Who may connect to a copy; always from this host only. */
    public enum Access {
        /** Whoever knows the password that the role has on the source. */
        PASSWORD,
        /** Any local user as any role: for demos and for hosts where nobody else logs in. */
        TRUST_LOCAL
    }

    /** Hot standby refuses to run with less than the source had (SAFETY "PostgreSQL recovery" 4 and Failover 14). */
    private static final Map<String, Integer> AT_LEAST_AS_SOURCE = Map.of(
            "max_connections", 100,
            "max_worker_processes", 8,
            "max_wal_senders", 10,
            "max_prepared_transactions", 0,
            "max_locks_per_transaction", 64);

    public RecoverySettings {
        if (port < 1 || port > 65535 || timeline < 1) {
            throw new IllegalArgumentException("Not a port and timeline: " + port + ", " + timeline);
        }
        if (!sharedBuffers.matches("\\d+(kB|MB|GB)")) {
            throw new IllegalArgumentException("Not a size for shared_buffers: '" + sharedBuffers + "'");
        }
        allowedLibraries = Set.copyOf(allowedLibraries);
    }

    public static RecoverySettings defaults(RecoveryTarget target, int timeline, int port, Access access) {
        return new RecoverySettings(target, timeline, port, access, Set.of(), "128MB", Duration.ofSeconds(60));
    }

    /** Only the standby mode never ends recovery by itself; with a target, recovery pauses there. */
    boolean standby() {
        return target instanceof RecoveryTarget.Latest;
    }

    /**
     * The whole postgresql.conf.
     *
     * @param atLeast values that the WAL has been found to need since the backup, by setting
     */
    String postgresqlConf(BackupSummary backup, Path spool, Map<String, Integer> atLeast) {
        Map<String, String> conf = new LinkedHashMap<>();
        conf.put("listen_addresses", "127.0.0.1");
        conf.put("port", Integer.toString(port));
        conf.put("unix_socket_directories", "");
        conf.put("cluster_name", "muster-copy");
        conf.put("shared_buffers", sharedBuffers);
        AT_LEAST_AS_SOURCE.forEach((name, least) -> {
            String value = backup.settings().getOrDefault(name, "");
            int source = value.matches("\\d{1,9}") ? Integer.parseInt(value) : 0;
            conf.put(name, Integer.toString(Math.max(Math.max(source, least), atLeast.getOrDefault(name, 0))));
        });
        // PostgreSQL's defaults, or what its check at start asks for where segments are large: twice their size.
        int segmentMegabytes = backup.segmentSize() >> 20;
        conf.put("min_wal_size", Math.max(80, 2 * segmentMegabytes) + "MB");
        conf.put("max_wal_size", Math.max(1024, 4 * segmentMegabytes) + "MB");
        conf.put("wal_level", "logical".equals(backup.settings().get("wal_level")) ? "logical" : "replica");
        conf.put("hot_standby", "on");
        // What could reach out of the copy.
        conf.put("archive_mode", "off");
        conf.put("archive_command", "");
        conf.put("archive_cleanup_command", "");
        conf.put("recovery_end_command", "");
        conf.put("primary_conninfo", "");
        conf.put("primary_slot_name", "");
        conf.put("recovery_min_apply_delay", "0");
        conf.put("max_logical_replication_workers", "0");
        conf.put("synchronous_standby_names", "");
        conf.put("shared_preload_libraries", libraries(backup));
        conf.put("session_preload_libraries", "");
        conf.put("local_preload_libraries", "");
        conf.put("ssl", "off");
        if (backup.majorVersion() >= 17) {
            conf.put("event_triggers", "off");
            conf.put("summarize_wal", "off");
        }
        conf.put("logging_collector", "off");
        conf.put("log_destination", "stderr");
        conf.put("log_line_prefix", "%m [%p] ");
        conf.put("log_timezone", "UTC");
        conf.put("timezone", "UTC");
        // Trouble is recognised by what the server says.
        conf.put("lc_messages", "C");
        conf.put("restart_after_crash", "off");
        conf.put("restore_command", WalSpool.restoreCommand(spool, fillerSilence));
        conf.put("wal_retrieve_retry_interval", "1s");
        conf.put("recovery_target_timeline", Integer.toString(timeline));
        conf.put("recovery_target_action", "pause");
        conf.putAll(new java.util.TreeMap<>(target.settings()));
        StringBuilder text = new StringBuilder(
                "# Written by Muster for a copy under recovery; the source's own is in" + " postgresql.conf.source.\n");
        conf.forEach((name, value) ->
                text.append(name).append(" = ").append(quoted(value)).append('\n'));
        return text.toString();
    }

    private String libraries(BackupSummary backup) {
        List<String> kept = new ArrayList<>();
        for (String library : Arrays.asList(
                backup.settings().getOrDefault("shared_preload_libraries", "").split(",", -1))) {
            if (allowedLibraries.contains(library.strip())) {
                kept.add(library.strip());
            }
        }
        return String.join(",", kept);
    }

    /** One line for each who may come in: from this host, and never for replication. */
    String pgHba() {
        String method = access == Access.PASSWORD ? "scram-sha-256" : "trust";
        return "# Written by Muster for a copy under recovery.\nhost all all 127.0.0.1/32 " + method + "\n";
    }

    static String quoted(String value) {
        return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'";
    }
}

package dev.muster.cli.repo;

import dev.muster.postgres.backup.BackupOptions;
import dev.muster.postgres.backup.Wanted;
import dev.muster.repository.BackupKind;
import dev.muster.runbooks.Durations;
import dev.muster.runbooks.Runbook;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What concerns backups of PostgreSQL only. */
final class PostgresOptions {
    private static final String VERB = "repo backup";
    private static final Duration LONGEST_WAIT = Runbook.Backup.LONGEST_WAIT;
    private static final List<String> KINDS = List.of("full", "incremental", "differential", "archival");

    @Option(names = "--data-dir", paramLabel = "DIR", description = "postgres: the running server's data directory.")
    private @Nullable Path dataDirectory;

    @Option(
            names = "--kind",
            paramLabel = "full|incremental|differential|archival",
            description = "postgres: incremental reads and stores what changed since the newest backup, differential"
                    + " since the newest full one; archival is a full one that none is made against (default: full).")
    private @Nullable String kind;

    @Option(
            names = "--parent",
            paramLabel = "ID",
            description = "postgres: made against this backup, or not at all (default: the newest that suits; if none"
                    + " does, a full backup is made and says why).")
    private @Nullable String parent;

    @Option(
            names = "--limit",
            paramLabel = "SIZE",
            description = "postgres: read at most so much a second, such as 50MB (default: no limit).")
    private @Nullable String limit;

    @Option(
            names = "--wal",
            paramLabel = "here|elsewhere",
            description = "postgres: receive the WAL that the backup needs during it, or wait for what another receiver"
                    + " stores (default: here).")
    private @Nullable String wal;

    @Option(
            names = "--wait",
            paramLabel = "DURATION",
            description =
                    "postgres: how long to wait for another backup of the source to end, 0s to 12h (default: 30s).")
    private @Nullable String wait;

    /** For sources of other kinds. */
    void refuse(String what) {
        boolean any =
                dataDirectory != null || kind != null || parent != null || limit != null || wal != null || wait != null;
        if (any) {
            throw Refusal.of(
                    "--data-dir, --kind, --parent, --limit, --wal and --wait belong to postgres:CONNINFO, not to '"
                            + what + "'.",
                    VERB);
        }
    }

    Path dataDirectory() {
        if (dataDirectory == null) {
            throw Refusal.of("A backup of PostgreSQL needs --data-dir.", VERB);
        }
        if (!Files.isDirectory(dataDirectory)) {
            throw Refusal.of("--data-dir " + dataDirectory + " is no directory on this host.", VERB);
        }
        return dataDirectory;
    }

    boolean receivesWal() {
        String where = wal == null ? "here" : wal;
        if (!where.equals("here") && !where.equals("elsewhere")) {
            throw Refusal.of("--wal is here or elsewhere, not '" + where + "'.", VERB);
        }
        return where.equals("here");
    }

    BackupOptions backup() {
        BackupOptions options = waiting(BackupOptions.DEFAULT.with(wanted()));
        if (limit == null) {
            return options;
        }
        OptionalLong bytes = ByteCount.parse(limit.endsWith("/s") ? limit.substring(0, limit.length() - 2) : limit);
        if (bytes.isEmpty()) {
            throw Refusal.of("--limit '" + limit + "' is no size; 50MB and 100MiB are some.", VERB);
        }
        return options.withReadLimit(bytes.getAsLong());
    }

    private BackupOptions waiting(BackupOptions options) {
        if (wait == null) {
            return options;
        }
        Duration limit = Durations.parse(wait)
                .filter(parsed -> parsed.compareTo(LONGEST_WAIT) <= 0)
                .orElseThrow(() -> Refusal.of("--wait '" + wait + "' is no duration from 0s to 12h.", VERB));
        return options.withOtherLimit(limit);
    }

    private Wanted wanted() {
        String text = kind == null ? "full" : kind;
        if (!KINDS.contains(text)) {
            throw Refusal.of("--kind is one of " + String.join(", ", KINDS) + ", not '" + text + "'.", VERB);
        }
        BackupKind wanted = BackupKind.of(text);
        if (parent == null) {
            return Wanted.of(wanted);
        }
        if (wanted != BackupKind.INCREMENTAL && wanted != BackupKind.DIFFERENTIAL) {
            throw Refusal.of("--parent belongs to --kind incremental and differential.", VERB);
        }
        // Who names one means that one.
        return Wanted.of(wanted).against(parent).insisting();
    }
}

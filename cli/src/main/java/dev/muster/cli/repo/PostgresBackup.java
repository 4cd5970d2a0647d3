package dev.muster.cli.repo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.cli.CliException;
import dev.muster.cli.ExitCode;
import dev.muster.cli.output.Output;
import dev.muster.cli.output.Printable;
import dev.muster.postgres.backup.BackupResult;
import dev.muster.postgres.backup.Making;
import dev.muster.postgres.backup.PhysicalBackup;
import dev.muster.postgres.wal.WalReceiver;
import dev.muster.repository.Repository;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A full backup of a cluster on this host by one command. The WAL that makes it consistent is received for as long as the
 * backup takes, over a replication slot of its own that is dropped at the end: one that stayed would keep WAL on the
 * server until its disk is full.
 */
final class PostgresBackup {
    private static final Duration STREAMING_LIMIT = Duration.ofSeconds(30);
    private static final Duration DROP_LIMIT = Duration.ofSeconds(15);
    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final int LONGEST_SLOT = 63;
    /** How the receiver says that it begins behind a gap, which it may. */
    private static final String GAP = "SLOT_LOST";

    private static final String IN_USE = "SLOT_IN_USE";
    /** What does not pass by waiting. */
    private static final Set<String> HOPELESS =
            Set.of("AUTHENTICATION_FAILED", "AUTHENTICATION_UNSAFE", "PASSWORD_NEEDED");

    private final Repository repository;
    private final String source;
    private final PostgresAddress address;
    private final PrintWriter errors;

    PostgresBackup(Repository repository, String source, PostgresAddress address, PrintWriter errors) {
        this.repository = repository;
        this.source = source;
        this.address = address;
        this.errors = errors;
    }

    /** @return the exit code */
    int run(PhysicalBackup.Settings settings, boolean receiveWal, ProgressLine line, Output output) {
        PhysicalBackup backup = new PhysicalBackup(repository, source, address.forSql(), settings);
        // Before a slot is made: what is refused leaves nothing on the server.
        backup.check();
        BackupResult result = receiveWal ? receiving(backup, line) : backup.run(line::part);
        tell(output, result);
        return ExitCode.SUCCESS;
    }

    private BackupResult receiving(PhysicalBackup backup, ProgressLine line) {
        String slot = slot();
        // Where an earlier backup's WAL ends long ago there is a gap: this backup does not need what lies in it.
        WalReceiver.Settings settings = new WalReceiver.Settings(
                slot, Duration.ofMillis(200), 8 << 20, Duration.ofMillis(100), Duration.ofSeconds(5), true);
        BackupResult result;
        try {
            try (WalReceiver receiver =
                    new WalReceiver(address.forReplication(), repository, source, settings, Clock.systemUTC())) {
                receiver.start();
                awaitStreaming(receiver);
                result = backup.run(line::part);
            }
        } catch (RuntimeException failure) {
            if (failure instanceof CliException known && known.code().equals("BACKUP_UNDER_WAY")) {
                // The slot is that of the other backup.
                throw failure;
            }
            try {
                drop(slot);
            } catch (CliException stays) {
                // The first failure is what has to be mended; but the slot must not be forgotten.
                errors.println(stays.line());
                errors.flush();
            }
            throw failure;
        }
        drop(slot);
        return result;
    }

    /** The same each time, so that what a killed command left is taken over, and dropped, by the next one. */
    private String slot() {
        String name = "muster_once_" + source.replace('-', '_');
        return name.substring(0, Math.min(LONGEST_SLOT, name.length()));
    }

    private static void awaitStreaming(WalReceiver receiver) {
        long deadline = System.nanoTime() + STREAMING_LIMIT.toNanos();
        while (receiver.status().state() != WalReceiver.State.STREAMING) {
            WalReceiver.Status status = receiver.status();
            boolean broken = status.state() == WalReceiver.State.BROKEN;
            boolean hopeless = status.lastError()
                    .map(failure -> HOPELESS.contains(failure.code())
                            || (broken && !failure.code().equals(GAP)))
                    .orElse(false);
            if (System.nanoTime() > deadline || hopeless) {
                throw status.lastError()
                        .map(PostgresBackup::notStreaming)
                        .orElseGet(() -> new CliException(
                                "WAL_RECEIVER_FAILED",
                                "The server sends no WAL.",
                                "The role needs REPLICATION, and pg_hba.conf a line for replication.",
                                ExitCode.FAILED));
            }
            pause();
        }
    }

    private static CliException notStreaming(WalReceiver.Failure failure) {
        if (failure.code().equals(IN_USE)) {
            return new CliException(
                    "BACKUP_UNDER_WAY",
                    "Another backup of this source is under way: " + failure.message() + ".",
                    "Wait for it to end, or end it, and start this one again.",
                    ExitCode.FAILED);
        }
        return new CliException(failure.code(), failure.message(), failure.hint(), ExitCode.FAILED);
    }

    private void drop(String slot) {
        long deadline = System.nanoTime() + DROP_LIMIT.toNanos();
        while (true) {
            try (Connection connection = address.forSql().getConnection();
                    PreparedStatement find = connection.prepareStatement("select pg_drop_replication_slot(slot_name)"
                            + " from pg_replication_slots where slot_name = ?")) {
                find.setString(1, slot);
                try (ResultSet dropped = find.executeQuery()) {
                    dropped.next();
                    return;
                }
            } catch (SQLException e) {
                // The server may not have noticed yet that the receiver has gone.
                if (System.nanoTime() > deadline) {
                    throw new CliException(
                            "SLOT_NOT_DROPPED",
                            "The replication slot " + slot + " on " + address + " cannot be dropped: " + e.getMessage()
                                    + ".",
                            "It keeps WAL on the server until its disk is full. Drop it: select"
                                    + " pg_drop_replication_slot('" + slot + "').",
                            ExitCode.FAILED,
                            java.util.List.of(),
                            e);
                }
            }
            pause();
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tell(Output output, BackupResult result) {
        if (output.json()) {
            ObjectNode json = result.summary().toJson();
            json.put("source", source).put("backup", result.backupId());
            json.put("seconds", result.elapsed().toMillis() / 1000.0);
            output.line(json.toString());
            return;
        }
        Making making = result.summary().making();
        output.line(String.format(
                Locale.ROOT,
                "Backup %s of %s, %s: PostgreSQL %d, %,d files with %s, %s read, %s stored, in %.1f s; restores from %s"
                        + " on.",
                result.backupId(),
                source,
                kind(making),
                result.summary().majorVersion(),
                result.summary().files(),
                Amount.bytes(result.summary().rawBytes()),
                Amount.bytes(making.bytesRead()),
                Amount.bytes(result.summary().storedBytes()),
                result.elapsed().toMillis() / 1000.0,
                result.summary().stop()));
        if (!making.reason().isEmpty()) {
            output.aside(Printable.line("Why so: " + making.reason() + "."));
        }
        if (!result.summary().badPages().isEmpty()) {
            output.aside("Pages with a wrong checksum on the source, kept as they are: "
                    + String.join(
                            ", ", result.summary().badPages().stream().limit(10).toList()));
        }
    }

    private static String kind(Making making) {
        return making.kind().label()
                + making.parent().map(id -> " against " + id).orElse("");
    }
}

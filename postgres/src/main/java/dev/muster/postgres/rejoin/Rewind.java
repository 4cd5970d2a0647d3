package dev.muster.postgres.rejoin;

import dev.muster.postgres.PostgresException;
import dev.muster.postgres.backup.ControlFile;
import dev.muster.postgres.instance.Installation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** PostgreSQL's own pg_rewind over an old primary, where the host has it. */
final class Rewind {
    private static final Pattern NEED = Pattern.compile("need to copy (\\d+) MB");
    private static final Pattern HINTS = Pattern.compile("(?m)^wal_log_hints setting:\\s+on$");
    private static final Pattern CHECKSUMS = Pattern.compile("(?m)^Data page checksum version:\\s+[1-9]\\d*$");
    private static final Duration LONGEST = Duration.ofHours(12);
    private static final Duration DRY_RUN = Duration.ofHours(1);

    private final Installation installation;
    private final Path directory;
    private final String connection;

    /** @param connection to the new primary, as libpq reads it, without a password */
    Rewind(Installation installation, Path directory, String connection) {
        this.installation = installation;
        this.directory = directory;
        this.connection = connection;
    }

    /** What keeps it from being used; empty: nothing. */
    Optional<String> obstacle() {
        for (String program : new String[] {"pg_rewind", "pg_controldata"}) {
            if (!Files.isExecutable(installation.home().resolve("bin").resolve(program))) {
                return Optional.of(program + " is not installed in " + installation.home());
            }
        }
        if (connection.contains("://")) {
            return Optional.of("the connection is a URI; write it as host=... port=... user=...");
        }
        String control = installation.run(Duration.ofMinutes(1), "pg_controldata", "-D", directory.toString());
        if (!HINTS.matcher(control).find() && !CHECKSUMS.matcher(control).find()) {
            return Optional.of("the cluster has neither wal_log_hints nor page checksums");
        }
        return Optional.empty();
    }

    /**
     * How many bytes it would copy, by a dry run; to be called only for a server that was stopped cleanly.
     *
     * @throws PostgresException POSTGRES_PROGRAM_FAILED if it could not rewind
     */
    OptionalLong estimate() {
        String said = run(DRY_RUN, "--dry-run");
        if (said.contains("no rewind required")) {
            throw didNothing();
        }
        Matcher need = NEED.matcher(said);
        return need.find() ? OptionalLong.of(Long.parseLong(need.group(1)) << 20) : OptionalLong.empty();
    }

    /**
     * Rewinds.
     *
     * @throws PostgresException POSTGRES_PROGRAM_FAILED, REWIND_DID_NOTHING: the directory must not be started after that
     */
    void run() {
        run(LONGEST, "--progress");
        // It ends well also where it takes both for one timeline, as before 17 until the new primary's first
        // checkpoint.
        if (!Files.exists(directory.resolve("backup_label"))) {
            throw didNothing();
        }
    }

    private PostgresException didNothing() {
        return new PostgresException(
                "REWIND_DID_NOTHING",
                "pg_rewind says that " + directory + " needs no rewind, and it does",
                "Does the connection lead to the new primary, and has it had a checkpoint since its promotion?");
    }

    private String run(Duration limit, String mode) {
        return installation.run(
                limit,
                "pg_rewind",
                "--target-pgdata=" + directory,
                "--source-server=" + connection + " dbname=postgres",
                "--progress",
                mode);
    }

    /** After a failed rewind: PostgreSQL would start on pages of two histories. */
    static void makeUnstartable(Path directory) {
        try {
            RejoinState.put(
                    directory.resolve(ControlFile.PATH),
                    ControlFile.read(directory).poisoned().content());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot make " + directory + " unstartable", e);
        }
    }
}

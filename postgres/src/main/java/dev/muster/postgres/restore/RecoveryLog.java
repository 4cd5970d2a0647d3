package dev.muster.postgres.restore;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.instance.Server;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a copy's log says about the end of its recovery. Messages are English: the copy's configuration says so. */
final class RecoveryLog {
    private static final String STARTED = "starting PostgreSQL";
    private static final Pattern INSUFFICIENT =
            Pattern.compile("(\\w+) = \\d+ is a lower setting than on the primary server, where its value was (\\d+)");
    private static final Pattern LAST_COMMIT = Pattern.compile("last completed transaction was at log time (.+)");

    private RecoveryLog() {}

    /** Of the newest start only. */
    private static String newest(Server server) {
        try {
            String all = new String(Files.readAllBytes(server.log()), StandardCharsets.UTF_8);
            return all.substring(Math.max(0, all.lastIndexOf(STARTED)));
        } catch (IOException e) {
            return "(no log: " + e.getMessage() + ")";
        }
    }

    /** Settings that the source had raised after the backup, and the values that replay asks for. */
    static Map<String, Integer> insufficientSettings(Server server) {
        Map<String, Integer> settings = new HashMap<>();
        Matcher matcher = INSUFFICIENT.matcher(newest(server));
        while (matcher.find()) {
            settings.put(matcher.group(1), Integer.parseInt(matcher.group(2)));
        }
        return settings;
    }

    /** Why a server under recovery has ended. */
    static PostgresException explain(Server server, Lsn end, Optional<PostgresException> spool) {
        String log = newest(server);
        String tail = server.endOfLog();
        if (log.contains("recovery ended before configured recovery target was reached")) {
            Matcher commit = LAST_COMMIT.matcher(log);
            String last = "";
            while (commit.find()) {
                last = ", the last transaction at " + commit.group(1).strip();
            }
            return new PostgresException(
                    "TARGET_UNREACHABLE",
                    "Replay took all stored WAL and did not meet the target; it ended at " + end + last,
                    "The last point that can be reached is " + end + ": recover to the latest instead.");
        }
        if (log.contains("requested recovery stop point is before consistent recovery point")) {
            return new PostgresException(
                    "TARGET_BEFORE_BACKUP",
                    "The target lies before the end of the backup",
                    "Choose an older backup or a later target.");
        }
        if (log.contains("pg_tblspc") && log.contains("Permission denied")) {
            return new PostgresException(
                    "TABLESPACE_IN_WAL",
                    "The WAL creates a tablespace, which on this copy would write where the source's is",
                    "Recover to before it, or take a newer backup, which has the tablespace.");
        }
        if (spool.isPresent()) {
            return new PostgresException(
                    spool.get().code(),
                    "Recovery stopped because WAL could not be brought: "
                            + spool.get().getMessage(),
                    spool.get().hint(),
                    spool.get());
        }
        return new PostgresException(
                "RECOVERY_FAILED",
                "The copy's server ended during recovery. Its log ends: " + tail,
                "Read " + server.log() + ".");
    }
}

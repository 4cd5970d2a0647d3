package dev.muster.embedded.orders;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.embedded.EmbeddedException;
import dev.muster.embedded.process.ChildJvm;
import dev.muster.postgres.Lsn;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Compares the payments of a database with the ledger: a command for a host's allow-list. It only reads.
 *
 * <p>Environment: {@code MUSTER_COPY_URL} (or {@code MUSTER_COPY_HOST}, {@code MUSTER_COPY_PORT},
 * {@code MUSTER_COPY_DATABASE}), {@code MUSTER_COPY_USER}, {@code MUSTER_COPY_PASSWORD_FILE} (none where the server
 * trusts), {@code MUSTER_TARGET_LSN} (the recovery point; without it, the database is a live one and is compared as of
 * now). Argument: the ledger. Prints one line for people and one of JSON. Exit codes: 0 equal, 1 different, 2 the check
 * could not be made.
 */
public final class LedgerCheck {
    private static final int EQUAL = 0;
    private static final int DIFFERENT = 1;
    private static final int NOT_CHECKED = 2;

    /** @param target empty for a live database */
    public record Verdict(PaymentsDigest expected, PaymentsDigest actual, int asked, Optional<Lsn> target) {
        public boolean passed() {
            return expected.equals(actual);
        }

        /** One line for people. */
        public String line() {
            String where = target.map(lsn -> "at " + lsn).orElse("now");
            if (passed()) {
                return String.format(
                        Locale.ROOT,
                        "PASSED: the %,d payments %s are exactly those of the ledger",
                        actual.count(),
                        where);
            }
            long more = actual.count() - expected.count();
            String difference = more == 0
                    ? "as many as the ledger has, but not the same"
                    : String.format(
                            Locale.ROOT,
                            "the ledger has %,d (%,d %s)",
                            expected.count(),
                            Math.abs(more),
                            more < 0 ? "missing" : "too many");
            return String.format(Locale.ROOT, "FAILED: %,d payments %s, %s", actual.count(), where, difference);
        }

        String json() {
            ObjectNode node = new ObjectMapper().createObjectNode();
            node.put("check", "ledger").put("verdict", passed() ? "passed" : "failed");
            target.ifPresent(lsn -> node.put("target", lsn.toString()));
            node.putObject("expected")
                    .put("count", expected.count())
                    .put("hash", expected.hash().toString());
            node.putObject("actual")
                    .put("count", actual.count())
                    .put("hash", actual.hash().toString());
            return node.put("askedDatabase", asked).toString();
        }
    }

    private LedgerCheck() {}

    public static void main(String[] arguments) {
        System.exit(run(arguments, System.getenv(), System.out));
    }

    /** The command line for a host's allow-list; see above for the environment that it needs. */
    public static List<String> commandLine(Path ledger) {
        return ChildJvm.of("ledger check", LedgerCheck.class.getName())
                .options("-Xmx256m")
                .arguments(ledger.toString())
                .commandLine();
    }

    static int run(String[] arguments, Map<String, String> environment, PrintStream out) {
        try {
            if (arguments.length != 1) {
                throw usage("needs one argument, the ledger's file");
            }
            @Nullable String target = environment.get("MUSTER_TARGET_LSN");
            try (Connection connection = connect(environment)) {
                Verdict verdict = check(
                        connection,
                        Path.of(arguments[0]),
                        Optional.ofNullable(target).map(Lsn::parse));
                out.println(verdict.line());
                out.println(verdict.json());
                return verdict.passed() ? EQUAL : DIFFERENT;
            }
        } catch (EmbeddedException e) {
            out.println("NOT CHECKED: " + e.code() + ": " + e.getMessage() + " " + e.hint());
        } catch (SQLException | IOException | IllegalArgumentException e) {
            out.println("NOT CHECKED: LEDGER_CHECK_FAILED: " + e.getMessage());
        }
        return NOT_CHECKED;
    }

    /**
     * Compares in one snapshot, which may take a second for a million payments.
     *
     * @param target the position that the copy was recovered to; empty for a live database
     */
    public static Verdict check(Connection connection, Path ledgerFile, Optional<Lsn> target) throws SQLException {
        boolean autoCommit = connection.getAutoCommit();
        connection.setAutoCommit(false);
        connection.setReadOnly(true);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        try {
            PaymentsDigest actual = PaymentsDigest.in(connection);
            // After the snapshot: whatever it shows as committed had its line in the ledger before.
            Ledger ledger = Ledger.read(ledgerFile);
            DatabaseCommits commits = new DatabaseCommits(connection);
            Ledger.Expected expected = target.isPresent() ? ledger.at(target.get(), commits) : ledger.in(commits);
            return new Verdict(expected.payments(), actual, expected.asked(), target);
        } finally {
            connection.rollback();
            connection.setReadOnly(false);
            connection.setAutoCommit(autoCommit);
        }
    }

    private static Connection connect(Map<String, String> environment) throws SQLException, IOException {
        String url = environment.getOrDefault(
                "MUSTER_COPY_URL",
                "jdbc:postgresql://" + environment.getOrDefault("MUSTER_COPY_HOST", "127.0.0.1") + ":"
                        + environment.getOrDefault("MUSTER_COPY_PORT", "") + "/"
                        + environment.getOrDefault("MUSTER_COPY_DATABASE", ""));
        if (!environment.containsKey("MUSTER_COPY_URL")
                && !(environment.containsKey("MUSTER_COPY_PORT") && environment.containsKey("MUSTER_COPY_DATABASE"))) {
            throw usage("needs MUSTER_COPY_URL, or MUSTER_COPY_PORT and MUSTER_COPY_DATABASE");
        }
        Properties properties = new Properties();
        @Nullable String user = environment.get("MUSTER_COPY_USER");
        if (user == null) {
            throw usage("needs MUSTER_COPY_USER");
        }
        properties.setProperty("user", user);
        @Nullable String passwordFile = environment.get("MUSTER_COPY_PASSWORD_FILE");
        properties.setProperty(
                "password",
                passwordFile == null
                        ? ""
                        : Files.readString(Path.of(passwordFile), StandardCharsets.UTF_8)
                                .strip());
        properties.setProperty("ApplicationName", "muster ledger check");
        return DriverManager.getConnection(url, properties);
    }

    private static EmbeddedException usage(String what) {
        return new EmbeddedException(
                "LEDGER_CHECK_FAILED", "The ledger check " + what + ".", "See the allow-list of the host worker.");
    }
}

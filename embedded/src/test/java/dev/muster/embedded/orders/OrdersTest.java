package dev.muster.embedded.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.muster.embedded.EmbeddedException;
import dev.muster.embedded.database.DemoPrimary;
import dev.muster.embedded.database.Login;
import dev.muster.embedded.process.ChildJvm;
import dev.muster.embedded.process.LoopbackPorts;
import dev.muster.postgres.Lsn;
import dev.muster.postgres.instance.Installation;
import dev.muster.postgres.instance.Server;
import dev.muster.postgresbinaries.PostgresBinaries;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** One primary for all: loaded, written to, killed, attacked, in the order of the demo. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class OrdersTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final OrdersSize SIZE = OrdersSize.ofOrders(20_000);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static DemoPrimary primary;

    @SuppressWarnings("NullAway.Init")
    private static LedgerLine.Base base;

    @SuppressWarnings("NullAway.Init")
    private static Path ledger;

    @BeforeAll
    static void load() throws Exception {
        primary = DemoPrimary.create(
                Installation.at(PostgresBinaries.home()), Files.createDirectory(folder.resolve("primary")));
        base = new OrdersLoad(primary.application(), SIZE, Clock.systemUTC()).run();
        ledger = folder.resolve("ledger");
        OrdersWriter.createLedger(ledger, base);
    }

    @AfterAll
    static void stop() {
        primary.close();
    }

    @Test
    @Order(1)
    void theDataSetIsTheSameForTheSameSeed() throws SQLException {
        assertThat(base.payments().count()).isBetween(18_000L, 19_500L);
        assertThat(base.payments().hash())
                .as("of seed %s; changes only when the data set is meant to change", SIZE.seed())
                .isEqualTo(new BigInteger("-695046543641970944236"));
        assertThat(number("SELECT count(*) FROM orders")).isEqualTo(SIZE.orders());
        assertThat(number("SELECT count(*) FROM payments p JOIN orders o ON o.id = p.order_id"
                        + " WHERE p.amount_cents <> o.total_cents"))
                .isZero();
        assertThat(number("SELECT max(n) FROM (SELECT count(*) AS n FROM orders GROUP BY customer_id) AS o"))
                .as("orders of the best customer, where the mean is twelve")
                .isGreaterThan(500);
        assertThat(number("SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND convalidated"))
                .isEqualTo(3);
    }

    @Test
    @Order(2)
    void javaAndSqlComputeTheSameHash() throws SQLException {
        try (Connection connection = primary.application().connect("test");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT *, " + Payment.HASH_IN_SQL + " AS hash FROM payments ORDER BY id LIMIT 1000")) {
            while (rows.next()) {
                assertThat(PaymentTraffic.payment(rows).hash()).isEqualTo(rows.getLong("hash"));
            }
        }
    }

    @Test
    @Order(3)
    void aWriterThatIsKilledAndAServerThatCrashesLeaveALedgerThatIsExact() throws Exception {
        ChildJvm writer = startWriter("first");
        await().atMost(LIMIT).until(() -> Ledger.read(ledger).commits() > 20);
        // While it writes: one snapshot, and exactly what it shows.
        assertThat(live())
                .satisfies(verdict ->
                        assertThat(verdict.passed()).as(verdict.line()).isTrue());
        writer.kill();
        ChildJvm second = startWriter("second");
        long before = Ledger.read(ledger).commits();
        primary.server().stopImmediately(LIMIT);
        primary.server().start(LIMIT);
        await().atMost(LIMIT).until(() -> Ledger.read(ledger).commits() > before + 20);
        assertThat(live())
                .satisfies(verdict ->
                        assertThat(verdict.passed()).as(verdict.line()).isTrue());
        second.stop(LIMIT);
        assertThat(Ledger.read(ledger).inDoubt()).as("after an orderly end").isEmpty();
        assertThat(live())
                .satisfies(verdict ->
                        assertThat(verdict.passed()).as(verdict.line()).isTrue());
        assertThat(number("SELECT count(*) FROM muster.canary")).isGreaterThan(5);
    }

    @Test
    @Order(4)
    void anyDifferenceIsFoundAndSaid() throws Exception {
        try (Connection connection = primary.application().connect("test");
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (String change : new String[] {
                "DELETE FROM payments WHERE id = 17",
                "UPDATE payments SET amount_cents = amount_cents + 1 WHERE id = 17",
                "UPDATE payments SET paid_at = paid_at + interval '1 microsecond' WHERE id = 17",
                "UPDATE payments SET reference = 'pi_0' WHERE id = 17",
                "INSERT INTO payments (order_id, amount_cents, currency, method, paid_at, reference)"
                        + " SELECT order_id, amount_cents, currency, method, paid_at, reference FROM payments WHERE id = 17",
                // One gone and another one doubled: as many rows as before.
                "UPDATE payments SET (order_id, amount_cents, method, paid_at, reference) ="
                        + " (SELECT order_id, amount_cents, method, paid_at, reference FROM payments WHERE id = 18)"
                        + " WHERE id = 17",
            }) {
                assertThat(statement.executeUpdate(change)).isEqualTo(1);
                PaymentsDigest changed = PaymentsDigest.in(connection);
                connection.rollback();
                assertThat(changed).as(change).isNotEqualTo(PaymentsDigest.in(connection));
            }
        }
    }

    @Test
    @Order(5)
    void aCopyInRecoveryEqualsTheLedgerAlsoWhenItMustSayWhatBecameOfACommit() throws Exception {
        Path data = folder.resolve("copy");
        primary.server().stop(LIMIT);
        copy(primary.dataDirectory(), data);
        primary.server().start(LIMIT);
        int port = LoopbackPorts.free();
        Files.createFile(data.resolve("standby.signal"));
        Files.writeString(data.resolve("postgresql.auto.conf"), "port = " + port + "\n");
        // The last outcome is lost: only the copy can say.
        List<String> lines = Files.readAllLines(ledger);
        Path shorter = Files.write(folder.resolve("shorter"), lines.subList(0, lines.size() - 1));
        Installation installation = Installation.at(PostgresBinaries.home());
        installation.own(data);
        Server server = new Server(installation, data, folder.resolve("copy.log"));
        server.start(LIMIT);
        try (Connection connection =
                new Login(port, DemoPrimary.DATABASE, "muster", primary.muster().passwordFile()).connect("test")) {
            Lsn end = lsn(connection, "SELECT pg_last_wal_replay_lsn()::text");
            LedgerCheck.Verdict verdict = LedgerCheck.check(connection, shorter, Optional.of(end));
            assertThat(verdict.line()).startsWith("PASSED");
            assertThat(verdict.asked()).isEqualTo(1);
            // A transaction that the copy has not heard of is not committed there.
            assertThat(new DatabaseCommits(connection).among(List.of("4000000000")))
                    .isEmpty();
        } finally {
            server.stop(LIMIT);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> paths = Files.walk(from)) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                Files.copy(path, to.resolve(from.relativize(path)), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    private static Lsn lsn(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return Lsn.parse(row.getString(1));
        }
    }

    @Test
    @Order(6)
    void theAttackIsNotInTheLedgerAndShowsInTheCheck() throws Exception {
        Attack.Truth attack = Attack.strike(primary.application(), Clock.systemUTC());
        assertThat(attack.rows() * 100.0 / base.payments().count()).isBetween(15.0, 30.0);

        LedgerCheck.Verdict now = live();
        assertThat(now.passed()).isFalse();
        assertThat(now.line()).startsWith("FAILED").contains(String.format(Locale.ROOT, "%,d missing", attack.rows()));

        StringOutput attacked = check(Map.of("MUSTER_TARGET_LSN", attack.after().toString()));
        assertThat(attacked.code()).isEqualTo(1);
        assertThat(attacked.text()).contains("FAILED").contains("\"verdict\":\"failed\"");
        // As a worker runs it: the command line of the allow-list, with an environment of its own.
        ProcessBuilder command = new ProcessBuilder(LedgerCheck.commandLine(ledger)).redirectErrorStream(true);
        command.environment().putAll(environment());
        Process process = command.start();
        String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(answer).isEqualTo(1);
        assertThat(answer.lines().toList()).hasSize(2).first().asString().isEqualTo(now.line());

        StringOutput without = check(Map.of("MUSTER_COPY_PORT", "1"));
        assertThat(without.code()).as(without.text()).isEqualTo(2);
    }

    @Test
    @Order(7)
    void aCommitThatStraddlesThePositionIsAskedFor() {
        Ledger known = Ledger.read(ledger);
        Lsn everything = new Lsn(Long.MAX_VALUE);
        assertThat(known.at(everything, xids -> Set.of()).asked()).isZero();
        assertThat(known.at(base.position(), xids -> Set.of()).payments()).isEqualTo(base.payments());
        assertThatThrownBy(() -> known.at(new Lsn(1), xids -> Set.of()))
                .isInstanceOf(EmbeddedException.class)
                .extracting(e -> ((EmbeddedException) e).code())
                .isEqualTo("LEDGER_TARGET_BEFORE_BASE");

        LedgerLine.Intent intent = (LedgerLine.Intent) lines().get(1);
        Lsn between = intent.before().plus(1);
        assertThat(known.at(between, Set::copyOf)).satisfies(expected -> {
            assertThat(expected.asked()).isEqualTo(1);
            assertThat(expected.payments()).isEqualTo(base.payments().with(intent.payments()));
        });
        assertThat(known.at(between, xids -> Set.of()).payments()).isEqualTo(base.payments());
    }

    @Test
    @Order(8)
    void aLineThatWasCutShortCountsForNothingAndADamagedOneIsNamed() throws Exception {
        Path copy = Files.copy(ledger, folder.resolve("cut"));
        long commits = Ledger.read(ledger).commits();
        Files.writeString(copy, "{\"line\":\"inte", StandardOpenOption.APPEND);
        assertThat(Ledger.read(copy).commits()).isEqualTo(commits);
        LedgerFile.open(copy).close();
        assertThat(copy).hasSameBinaryContentAs(ledger);
        Files.writeString(copy, "{\"line\":\"inte\n", StandardOpenOption.APPEND);
        assertThatThrownBy(() -> Ledger.read(copy))
                .isInstanceOf(EmbeddedException.class)
                .hasMessageContaining("of " + copy)
                .extracting(e -> ((EmbeddedException) e).code())
                .isEqualTo("LEDGER_DAMAGED");
    }

    private static List<LedgerLine> lines() {
        try {
            return Files.readAllLines(ledger).stream()
                    .map(line -> LedgerFormat.read(line, "test"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private record StringOutput(int code, String text) {}

    private static StringOutput check(Map<String, String> more) {
        Map<String, String> environment = new HashMap<>(environment());
        environment.putAll(more);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int code = LedgerCheck.run(
                new String[] {ledger.toString()}, environment, new PrintStream(bytes, true, StandardCharsets.UTF_8));
        return new StringOutput(code, bytes.toString(StandardCharsets.UTF_8));
    }

    private static Map<String, String> environment() {
        return Map.of(
                "MUSTER_COPY_PORT",
                Integer.toString(primary.port()),
                "MUSTER_COPY_DATABASE",
                DemoPrimary.DATABASE,
                "MUSTER_COPY_USER",
                DemoPrimary.MUSTER_ROLE,
                "MUSTER_COPY_PASSWORD_FILE",
                primary.muster().passwordFile().toString());
    }

    private static ChildJvm startWriter(String name) {
        Path ready = folder.resolve(name + "-ready");
        ChildJvm writer = OrdersWriter.process(primary, ledger, 50, ready).start(folder.resolve(name + ".log"));
        writer.awaitReadyFile(ready, LIMIT);
        return writer;
    }

    private static LedgerCheck.Verdict live() throws SQLException {
        try (Connection connection = primary.muster().connect("test")) {
            return LedgerCheck.check(connection, ledger, Optional.empty());
        }
    }

    private static long number(String sql) throws SQLException {
        try (Connection connection = primary.administrator(DemoPrimary.DATABASE).connect("test");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }
}

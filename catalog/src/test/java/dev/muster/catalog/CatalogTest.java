package dev.muster.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00.123456Z");

    private static CatalogDatabase database;
    private static Catalog catalog;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        database = CatalogDatabase.start(folder);
        // Two programs that come up together.
        atOnce(2, number -> {
            Catalog.migrate(database.settings());
            return number;
        });
        catalog = Catalog.open(database.settings());
    }

    @AfterAll
    static void end() {
        catalog.close();
        database.close();
    }

    @BeforeEach
    void empty() throws Exception {
        database.execute("truncate record.run, record.run_step, record.approval, record.run_start, record.api_token,"
                + " record.refusal, record.epoch, record.system, record.system_change, record.document,"
                + " record.schedule_execution, index.source, index.backup, index.wal_range, index.timeline_switch,"
                + " index.repository, index.backup_copy, index.keep_mark, record.backup_proof");
    }

    /** For databases that will not answer: each question waits as long as it is told to. */
    private static CatalogSettings impatient(String url, String user) {
        return new CatalogSettings(url, user, () -> "", 8, Duration.ofMillis(500), Duration.ofSeconds(5));
    }

    private interface Numbered<T> {
        T call(int number) throws Exception;
    }

    private static <T> List<T> atOnce(int callers, Numbered<T> work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        CyclicBarrier together = new CyclicBarrier(callers);
        try {
            List<Callable<T>> calls = new ArrayList<>();
            for (int number = 0; number < callers; number++) {
                int mine = number;
                calls.add(() -> {
                    together.await();
                    return work.call(mine);
                });
            }
            List<T> results = new ArrayList<>();
            for (Future<T> result : threads.invokeAll(calls)) {
                results.add(result.get());
            }
            return results;
        } finally {
            threads.shutdownNow();
        }
    }

    private static String ulid(int number) {
        return String.format("01KAJ7ZQ5V3M9X2W8R4T%06d", number);
    }

    private static RunRecord run(int number, Instant started, long revision, String state, @Nullable String verdict) {
        return new RunRecord(
                ulid(number),
                "change/orders",
                number % 2 == 0 ? "orders" : "billing",
                "point-in-time-recovery",
                "kim",
                false,
                "a".repeat(64),
                null,
                state,
                verdict,
                verdict == null ? null : "Said so.",
                null,
                started,
                verdict == null ? null : started.plusSeconds(60),
                revision,
                verdict == null ? null : "{\"verdict\":\"" + verdict + "\"}",
                null);
    }

    private static void expectCode(String code, ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(CatalogException.class, e -> {
            assertThat(e.code()).as(e.toString()).isEqualTo(code);
            assertThat(e.hint()).isNotBlank();
        });
    }

    @Test
    void aRunIsFoundAsItWasKeptWithItsStepsAndApprovalsInOrder() {
        RunRecord run = run(0, NOON, 5, "FINISHED", "SUCCEEDED");
        List<StepRecord> steps = List.of(
                new StepRecord("observe-again", "Observe", "control", "DONE", NOON, NOON.plusSeconds(1), "differs"),
                new StepRecord("observe-again", "Observe", "control", "RUNNING", NOON.plusSeconds(2), null, ""));
        List<ApprovalRecord> approvals = List.of(
                new ApprovalRecord(false, "APPROVAL_EXPIRED", "alice", "Too late.", NOON),
                new ApprovalRecord(true, "ACCEPTED", "alice", "Approved.", NOON.plusSeconds(9)));

        assertThat(catalog.runs().upsert(run, steps, approvals)).isTrue();

        assertThat(catalog.runs().find(run.runId())).contains(run);
        assertThat(catalog.runs().steps(run.runId())).isEqualTo(steps);
        assertThat(catalog.runs().approvals(run.runId())).isEqualTo(approvals);
        assertThat(catalog.runs().find(ulid(999))).isEmpty();
        assertThat(catalog.runs().find("no\0id")).isEmpty();
        assertThat(catalog.runs().steps("x")).isEmpty();
    }

    @Test
    void anOlderRevisionNeverOverwritesANewerOneInWhateverOrderTheyCome() throws Exception {
        RunRecord finished = run(0, NOON, 9, "FINISHED", "SUCCEEDED");
        assertThat(catalog.runs().upsert(finished)).isTrue();
        assertThat(catalog.runs().upsert(run(0, NOON, 8, "EXECUTING", null))).isFalse();
        assertThat(catalog.runs().upsert(run(0, NOON, 9, "EXECUTING", null))).isFalse();
        assertThat(catalog.runs().find(ulid(0))).contains(finished);

        atOnce(8, number -> {
            StepRecord step = new StepRecord("step-" + number, "", "", "DONE", NOON, null, "");
            return catalog.runs()
                    .upsert(
                            run(1, NOON, number, number == 7 ? "FINISHED" : "EXECUTING", null),
                            List.of(step),
                            List.of());
        });
        assertThat(catalog.runs().find(ulid(1)).orElseThrow().revision()).isEqualTo(7);
        assertThat(catalog.runs().steps(ulid(1)))
                .singleElement()
                .extracting(StepRecord::stepId)
                .isEqualTo("step-7");
    }

    @Test
    void aListIsReadPageByPageNewestFirstAndMovesNoRowWhenRunsAreAddedMeanwhile() {
        for (int number = 0; number < 25; number++) {
            // Every third pair has the same time: the id then decides.
            catalog.runs().upsert(run(number, NOON.plusSeconds(number / 3), 1, "EXECUTING", null));
        }
        List<String> seen = new ArrayList<>();
        String cursor = null;
        int pages = 0;
        do {
            RunPage page = catalog.runs().list(RunFilter.ALL, cursor, 10);
            page.runs().forEach(run -> seen.add(run.runId()));
            catalog.runs().upsert(run(100 + pages, NOON.plusSeconds(1_000 + pages), 1, "EXECUTING", null));
            cursor = page.next();
            pages++;
        } while (cursor != null);

        assertThat(pages).isEqualTo(3);
        assertThat(seen)
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 25)
                        .mapToObj(back -> ulid(25 - back))
                        .toList());
    }

    @Test
    void aListHoldsWhatTheFilterAsksForAndNoReports() {
        for (int number = 0; number < 6; number++) {
            catalog.runs()
                    .upsert(run(
                            number,
                            NOON.plusSeconds(number),
                            1,
                            number < 3 ? "FINISHED" : "EXECUTING",
                            number == 2 ? "FAILED" : null));
        }
        assertThat(listed(RunFilter.ALL.withSystem("orders"))).containsExactly(ulid(4), ulid(2), ulid(0));
        assertThat(listed(RunFilter.ALL.withState("FINISHED"))).containsExactly(ulid(2), ulid(1), ulid(0));
        assertThat(listed(RunFilter.ALL.withVerdict("FAILED").withSystem("orders")))
                .containsExactly(ulid(2));
        assertThat(listed(RunFilter.ALL.startedBetween(NOON.plusSeconds(2), NOON.plusSeconds(4))))
                .containsExactly(ulid(3), ulid(2));
        assertThat(listed(RunFilter.ALL.withRequester("nobody"))).isEmpty();
        assertThat(listed(RunFilter.ALL.withScenario("backup"))).isEmpty();
        assertThat(listed(RunFilter.ALL.withSchedule("nightly"))).isEmpty();
        assertThat(catalog.runs()
                        .list(RunFilter.ALL.withVerdict("FAILED"), null, 1)
                        .runs())
                .singleElement()
                .satisfies(run -> assertThat(run.reportJson()).isNull());
    }

    private static List<String> listed(RunFilter filter) {
        return catalog.runs().list(filter, null, 500).runs().stream()
                .map(RunRecord::runId)
                .toList();
    }

    @Test
    void aPageThatNobodyGaveOutIsRefused() {
        for (String cursor : List.of("", "x", "bm9wZQ", "%%%", "A".repeat(1_000))) {
            expectCode("CURSOR_INVALID", () -> catalog.runs().list(RunFilter.ALL, cursor, 10));
            expectCode("CURSOR_INVALID", () -> catalog.refusals().list(cursor, 10));
        }
        expectCode("FILTER_INVALID", () -> RunFilter.ALL.withSystem("a\0b"));
        expectCode("FILTER_INVALID", () -> RunFilter.ALL.withRequester("x".repeat(201)));
        assertThatThrownBy(() -> catalog.runs().list(RunFilter.ALL, null, 501))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void everyFilterOfALongListIsAnsweredFromAnIndex() throws Exception {
        database.execute("insert into record.run (run_id, workflow_id, system, scenario, requester, dry_run, state,"
                + " verdict, started, revision) select lpad(n::text, 26, '0'), 'w', 'system-' || n % 50, 'backup',"
                + " 'user-' || n % 20, false, 'FINISHED', case when n % 1000 = 0 then 'FAILED' else 'SUCCEEDED' end,"
                + " timestamptz '2026-01-01Z' + n * interval '1 minute', 1 from generate_series(1, 20000) n");
        database.execute("analyze record.run");
        for (String where : List.of(
                "true",
                "system = 'system-7'",
                "verdict = 'FAILED'",
                "requester = 'user-3'",
                "started < timestamptz '2026-01-02Z'",
                "system = 'system-7' and (started, run_id) < (timestamptz '2026-01-05Z', '0')")) {
            String plan = database.value("explain (format json) select run_id from record.run where " + where
                    + " order by started desc, run_id desc limit 50");
            assertThat(plan)
                    .as(where)
                    .contains("Index")
                    .doesNotContain("Seq Scan")
                    .doesNotContain("\"Sort\"");
        }
    }

    @Test
    void twoInstancesThatClaimOneKeyAtOnceGetOneRun() throws Exception {
        try (Catalog other = Catalog.open(database.settings())) {
            for (int round = 0; round < 20; round++) {
                String key = "key-" + round;
                int base = 10 * round;
                List<ClaimedStart> claims = atOnce(
                        4,
                        number -> (number % 2 == 0 ? catalog : other)
                                .starts()
                                .claim(key, "kim", "b", () -> ulid(base + number)));
                assertThat(claims.stream().map(ClaimedStart::runId).distinct()).hasSize(1);
                assertThat(claims.stream().filter(ClaimedStart::first)).hasSize(1);
            }
        }
    }

    @Test
    void aKeyStandsForOneRequestOfOneSubject() {
        ClaimedStart first = catalog.starts().claim("k", "kim", "body", () -> ulid(1));
        assertThat(first).isEqualTo(new ClaimedStart(ulid(1), true, false));
        assertThat(catalog.starts().claim("k", "kim", "body", () -> ulid(2)))
                .isEqualTo(new ClaimedStart(ulid(1), false, false));
        expectCode("IDEMPOTENCY_KEY_REUSED", () -> catalog.starts().claim("k", "kim", "other", () -> ulid(3)));
        assertThat(catalog.starts().claim("k", "alice", "other", () -> ulid(4)).runId())
                .isEqualTo(ulid(4));
        for (String key : List.of("", " ", "a b", "ä", "x".repeat(129), "\0")) {
            expectCode("IDEMPOTENCY_KEY_INVALID", () -> catalog.starts().claim(key, "kim", "body", () -> ulid(5)));
        }
    }

    @Test
    void aStartIsConfirmedByWhoeverStartedItOrByTheRunsOwnRecord() {
        catalog.starts().claim("one", "kim", "body", () -> ulid(1));
        catalog.starts().confirm(ulid(1));
        assertThat(catalog.starts().claim("one", "kim", "body", () -> ulid(9)).confirmed())
                .isTrue();
        catalog.starts().claim("two", "kim", "body", () -> ulid(2));
        catalog.runs().upsert(run(2, NOON, 1, "PLANNING", null));
        assertThat(catalog.starts().claim("two", "kim", "body", () -> ulid(9)).confirmed())
                .isTrue();
    }

    @Test
    void aTokenAuthenticatesItsBearerUntilItExpiresOrIsRevokedAndOnlyItsHashIsKept() throws Exception {
        NewToken made = catalog.tokens().create("kim", Set.of(Role.OPERATOR, Role.APPROVER), null);
        String secret = made.bearer().substring(made.bearer().indexOf('_', 4) + 1);

        Identity identity = catalog.tokens().authenticate(made.bearer()).orElseThrow();
        assertThat(identity)
                .isEqualTo(new Identity(
                        "kim",
                        Set.of(Role.OPERATOR, Role.APPROVER),
                        made.token().id()));
        assertThat(identity.has(Role.VIEWER)).isTrue();
        String dump = database.value("select string_agg(t::text, ' ') from record.api_token t");
        assertThat(dump).contains("kim").doesNotContain(secret).doesNotContain(made.bearer());
        assertThat(made.toString()).doesNotContain(secret);

        char last = made.bearer().charAt(made.bearer().length() - 2);
        String forged = made.bearer().substring(0, made.bearer().length() - 2)
                + (last == 'A' ? 'B' : 'A')
                + made.bearer().substring(made.bearer().length() - 1);
        for (String wrong : List.of("", "mst_", forged, "mst_0000000000000000_" + secret, made.bearer() + "\0")) {
            assertThat(catalog.tokens().authenticate(wrong)).as(wrong).isEmpty();
        }

        assertThat(catalog.tokens().revoke(made.token().id())).isTrue();
        assertThat(catalog.tokens().revoke(made.token().id())).isFalse();
        assertThat(catalog.tokens().authenticate(made.bearer())).isEmpty();
        NewToken old = catalog.tokens()
                .create("old", Set.of(Role.VIEWER), Instant.now().minusSeconds(1));
        assertThat(catalog.tokens().authenticate(old.bearer())).isEmpty();
        assertThat(catalog.tokens().list()).extracting(ApiToken::subject).containsExactlyInAnyOrder("old", "kim");
        assertThatThrownBy(() -> catalog.tokens().create("kim", Set.of(), null))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusalsAreListedNewestFirstAndHostileTextIsKeptShort() {
        for (int number = 0; number < 5; number++) {
            catalog.refusals()
                    .add(new Refusal(
                            NOON,
                            "kim",
                            "POST /v1/runs",
                            "x\0" + "y".repeat(number * 1_000),
                            "FORBIDDEN",
                            "" + number));
        }
        RefusalPage first = catalog.refusals().list(null, 3);
        assertThat(first.refusals()).extracting(Refusal::message).containsExactly("4", "3", "2");
        RefusalPage second = catalog.refusals().list(first.next(), 3);
        assertThat(second.refusals()).extracting(Refusal::message).containsExactly("1", "0");
        assertThat(second.next()).isNull();
        assertThat(first.refusals().get(0).target()).hasSize(500);
    }

    @Test
    void aSystemsVersionIsTheHashOfItsTextAndItsChangesAreKept() throws Exception {
        String first = catalog.systems().put("orders", "kind: System\n", "kim");
        assertThat(catalog.systems().put("orders", "kind: System\n", "alice")).isEqualTo(first);
        String second = catalog.systems().put("orders", "kind: System # two\n", "alice");

        assertThat(first).isEqualTo(Documents.hash("kind: System\n")).isNotEqualTo(second);
        SystemRecord found = catalog.systems().find("orders").orElseThrow();
        assertThat(found.yaml()).isEqualTo("kind: System # two\n");
        assertThat(found.changedBy()).isEqualTo("alice");
        assertThat(catalog.documents().find(first)).contains("kind: System\n");
        assertThat(catalog.systems().list()).extracting(SystemSummary::version).containsExactly(second);
        assertThat(database.value("select count(*) from record.system_change")).isEqualTo("2");
        assertThat(catalog.systems().find("no\0name")).isEmpty();
        expectCode("DOCUMENT_UNSTORABLE", () -> catalog.systems().put("big", "x".repeat(2_000_000), "kim"));
    }

    private static SourceIndex seen(Instant at, int backups) {
        return new SourceIndex(
                "orders",
                "main",
                at,
                NOON,
                IntStream.rangeClosed(1, backups)
                        .mapToObj(back -> new IndexedBackup(
                                ulid(backups - back),
                                "full",
                                "7391",
                                180_006,
                                1,
                                "0/"
                                        + Integer.toHexString(0xA0 + backups - back)
                                                .toUpperCase(java.util.Locale.ROOT),
                                "1/"
                                        + Integer.toHexString(0xA0 + backups - back)
                                                .toUpperCase(java.util.Locale.ROOT),
                                NOON,
                                NOON.plusSeconds(9),
                                12L))
                        .toList(),
                List.of(new IndexedWalRange(1, "0/5000000", "0/6000000"), new IndexedWalRange(2, "0/6000000", "1/0")),
                List.of(new IndexedTimelineSwitch(2, 1, "0/6000000")));
    }

    @Test
    void theIndexShowsTheNewestObservationAndAnOlderOneNeverReplacesIt() {
        assertThat(catalog.index().of("orders")).isEmpty();
        assertThat(catalog.index().replace(seen(NOON, 2))).isTrue();
        SourceIndex newer = seen(NOON.plusSeconds(5), 3);
        assertThat(catalog.index().replace(newer)).isTrue();
        assertThat(catalog.index().replace(seen(NOON.plusSeconds(4), 1))).isFalse();
        assertThat(catalog.index().of("orders")).containsExactly(newer);
        assertThat(catalog.index().of("x\0")).isEmpty();
    }

    @Test
    void epochsRisePerSystemAndARunKeepsItsOwn() throws Exception {
        List<Long> given = atOnce(8, number -> catalog.epochs().claim("orders", ulid(number)));
        assertThat(new HashSet<>(given)).containsExactlyInAnyOrder(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L);
        assertThat(catalog.epochs().claim("orders", ulid(3))).isEqualTo(given.get(3));
        assertThat(catalog.epochs().claim("billing", ulid(3))).isEqualTo(1);
    }

    @Test
    void aSchedulesLogKeepsTheLatestWordOnEachDueTime() {
        ScheduleExecution skipped =
                new ScheduleExecution("nightly", NOON, NOON.plusSeconds(1), "SKIPPED", null, "paused");
        ScheduleExecution started = new ScheduleExecution(
                "nightly", NOON.plusSeconds(60), NOON.plusSeconds(62), "STARTED", ulid(1), "started");
        catalog.scheduleExecutions().record(skipped);
        catalog.scheduleExecutions().record(started);
        catalog.scheduleExecutions()
                .record(new ScheduleExecution(
                        "nightly", NOON.plusSeconds(60), NOON.plusSeconds(61), "FAILED", null, "earlier"));
        assertThat(catalog.scheduleExecutions().list("nightly", null, 10)).containsExactly(started, skipped);
        assertThat(catalog.scheduleExecutions().list("nightly", started.due(), 10))
                .containsExactly(skipped);
    }

    @Test
    void aStatementThatWaitsForALockEndsWithinItsBound() throws Exception {
        try (Connection holder = DriverManager.getConnection(database.url(), database.user(), "");
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("lock table record.run in access exclusive mode");
            long before = System.nanoTime();
            expectCode("CATALOG_TIMEOUT", () -> catalog.runs().find(ulid(1)));
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(8));
        }
    }

    @Test
    void aDatabaseThatIsDownIsNamedWithinABoundedTimeAndUsedAgainWhenItIsBack(@TempDir Path folder) throws Exception {
        try (CatalogDatabase own = CatalogDatabase.migrated(folder);
                Catalog open = Catalog.open(impatient(own.url(), own.user()))) {
            open.check();
            own.stop();
            List<Consumer<Catalog>> questions = List.of(
                    Catalog::check,
                    down -> down.runs().find(ulid(1)),
                    down -> down.runs().upsert(run(1, NOON, 1, "PLANNING", null)),
                    down -> down.tokens().authenticate("mst_0123456789abcdef_" + "x".repeat(43)));
            for (Consumer<Catalog> question : questions) {
                long before = System.nanoTime();
                expectCode("CATALOG_UNREACHABLE", () -> question.accept(open));
                assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
            }
            expectCode("CATALOG_UNREACHABLE", () -> Catalog.migrate(own.settings()));
            own.start();
            await().ignoreExceptions().atMost(Duration.ofSeconds(20)).untilAsserted(open::check);
        }
    }

    @Test
    void whatIsWrongWithADatabaseHasACodeOfItsOwn(@TempDir Path folder) throws Exception {
        try (CatalogDatabase fresh = CatalogDatabase.start(folder);
                Catalog empty = Catalog.open(fresh.settings());
                Catalog noDatabase =
                        Catalog.open(impatient(fresh.url().replace("/postgres", "/nosuch"), fresh.user()));
                Catalog noUser = Catalog.open(impatient(fresh.url(), "nobody"))) {
            expectCode("CATALOG_NOT_MIGRATED", empty::check);
            expectCode("CATALOG_NOT_MIGRATED", () -> empty.runs().find(ulid(1)));
            expectCode("CATALOG_LOGIN_FAILED", noDatabase::check);
            expectCode("CATALOG_LOGIN_FAILED", noUser::check);
            fresh.execute("create schema record");
            fresh.execute("create table record.document (mine int)");
            expectCode("CATALOG_MIGRATION_FAILED", () -> Catalog.migrate(fresh.settings()));
        }
        expectCode("CATALOG_URL_INVALID", () -> CatalogSettings.of("jdbc:mysql://x/y", "muster", () -> ""));
        expectCode(
                "CATALOG_URL_INVALID",
                () -> CatalogSettings.of("jdbc:postgresql://x/y?ssl=true&Password=secret", "muster", () -> ""));
    }
}

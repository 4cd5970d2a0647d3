package dev.muster.e2e.bench;

import dev.muster.catalog.Catalog;
import dev.muster.catalog.Role;
import dev.muster.embedded.database.CatalogDatabase;
import dev.muster.embedded.process.ChildJvm;
import dev.muster.embedded.process.LoopbackPorts;
import dev.muster.embedded.process.OrphanGuard;
import dev.muster.embedded.process.RunFolder;
import dev.muster.embedded.process.Teardown;
import dev.muster.embedded.stack.ApiMain;
import dev.muster.embedded.temporal.TemporalInJvm;
import dev.muster.postgres.instance.Installation;
import dev.muster.postgresbinaries.PostgresBinaries;
import dev.muster.workflows.approval.ApproverKey;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** A catalogue full of runs, made by its own tables' statements, and APIs before it, each a process. */
final class RecordedRuns implements AutoCloseable {
    private static final Duration UP = Duration.ofMinutes(1);

    /** Two years of a system park: forty systems, two in a hundred runs failed, a handful under way. */
    private static final String FILL = """
            insert into record.run (run_id, workflow_id, system, scenario, requester, dry_run, runbook_hash, plan_hash,
                state, verdict, summary, waiting_for_role, started, ended, revision, report, schedule)
            select id, scenario || '/' || system || '/' || id, system, scenario, 'person-' || n % 25, n % 20 = 0,
                repeat(md5(scenario), 2), repeat(md5(id), 2),
                case when n > RUNS - 5 then 'WAITING_FOR_APPROVAL' else 'FINISHED' end,
                case when n > RUNS - 5 then null when n % 50 = 7 then 'FAILED' else 'SUCCEEDED' end,
                'The copy of ' || system || ' answered all checks; RTO 4 min 12 s of 30 min, RPO 3 s of 60 s.',
                case when n > RUNS - 5 then 'approver' end,
                begun, case when n <= RUNS - 5 then begun + interval '4 minutes' end, 20,
                (select json_agg(json_build_object('id', 'step-' || step, 'detail', md5(id || step), 'state', 'DONE',
                    'place', 'host db1', 'title', 'A step of a run as reports have it')) from generate_series(1, 20) step),
                case when n % 3 = 0 then 'nightly-' || system end
            from (select n, '01' || lpad(n::text, 24, '0') as id, 'system-' || n % 40 as system,
                    case when n % 10 < 6 then 'backup' when n % 10 < 9 then 'restore-test'
                        else 'point-in-time-recovery' end as scenario,
                    timestamptz '2024-11-01 00:00Z' + n * interval '10 minutes' as begun
                from generate_series(1, RUNS) n) made""";

    private final Teardown teardown = Teardown.onExit();
    private final RunFolder folder;
    private final CatalogDatabase database;
    private final TemporalInJvm temporal;
    private final String token;
    private final int runs;
    private int starts;

    /** @param untilReady from the start of its process to the first 200 of /ready */
    record Api(ChildJvm process, URI uri, Duration untilReady) {}

    private RecordedRuns(int runs) throws IOException, SQLException {
        this.runs = runs;
        try {
            Installation installation = Installation.at(PostgresBinaries.home());
            folder = RunFolder.create("bench", null, false, installation, Clock.systemUTC());
            teardown.add("the folder", folder::close);
            OrphanGuard guard = OrphanGuard.over(folder.path(), installation);
            teardown.add("the guard", guard::close);
            database = CatalogDatabase.create(installation, folder.folder("catalogue"));
            teardown.add("the catalogue", database::close);
            Catalog.migrate(database.settings());
            fill();
            try (Catalog catalog = Catalog.open(database.settings())) {
                token = catalog.tokens()
                        .create("vera", Set.of(Role.VIEWER), null)
                        .bearer();
            }
            temporal = TemporalInJvm.start();
            teardown.add("Temporal", temporal::close);
            ApproverKey.generateIssuer("api", Clock.systemUTC().instant())
                    .writePrivate(folder.folder("keys").resolve("api.private.jwk"));
        } catch (IOException | SQLException | RuntimeException e) {
            teardown.close();
            throw e;
        }
    }

    static RecordedRuns create(int runs) throws IOException, SQLException {
        return new RecordedRuns(runs);
    }

    private void fill() throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("set synchronous_commit = off");
            statement.execute(FILL.replace("RUNS", Integer.toString(runs)));
            statement.execute("vacuum analyze record.run");
        }
    }

    Connection connect() throws SQLException {
        return database.login().connect("bench");
    }

    int runs() {
        return runs;
    }

    long postgresProcess() throws IOException {
        return Long.parseLong(Files.readAllLines(folder.path().resolve("catalogue/data/postmaster.pid"))
                .get(0));
    }

    /** As {@code muster api} starts it; the caller ends it. */
    Api startApi() throws IOException, InterruptedException {
        int port = LoopbackPorts.free();
        int admin = LoopbackPorts.free();
        Path log = folder.folder("logs").resolve("api-" + ++starts + ".log");
        ChildJvm.Plan plan = ChildJvm.of("api", ApiMain.class.getName())
                .options("-Xmx256m", ChildJvm.COMPILED_BEST)
                .arguments("--bind", "127.0.0.1:" + port, "--admin-bind", "127.0.0.1:" + admin)
                .arguments("--catalog", database.url(), "--catalog-user", CatalogDatabase.ROLE)
                .arguments("--catalog-password", database.passwordReference())
                .arguments("--keys", folder.path().resolve("keys").toString())
                .withoutEnvironment("TEMPORAL_")
                .environment("TEMPORAL_ADDRESS", temporal.target());
        long begin = System.nanoTime();
        ChildJvm process = plan.start(log);
        teardown.add("an API", process::close);
        URI ready = URI.create("http://127.0.0.1:" + admin + "/ready");
        while (!answers(ready)) {
            if (!process.isAlive() || System.nanoTime() - begin > UP.toNanos()) {
                throw new IOException("The API does not become ready: " + process.endOfLog());
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
        return new Api(process, URI.create("http://127.0.0.1:" + port), Duration.ofNanos(System.nanoTime() - begin));
    }

    private static boolean answers(URI ready) throws IOException {
        try {
            return ((HttpURLConnection) ready.toURL().openConnection()).getResponseCode() == 200;
        } catch (ConnectException e) {
            return false;
        }
    }

    /** The whole answer, which must be 200. Connections are kept and used again. */
    byte[] get(Api api, String path) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) api.uri().resolve(path).toURL().openConnection();
        connection.setRequestProperty("Authorization", "Bearer " + token);
        if (connection.getResponseCode() != 200) {
            throw new IOException(path + " answers " + connection.getResponseCode());
        }
        try (InputStream body = connection.getInputStream()) {
            return body.readAllBytes();
        }
    }

    @Override
    public void close() {
        teardown.close();
    }
}

package dev.muster.e2e.bench;

import dev.muster.embedded.process.ChildJvm;
import dev.muster.postgres.Lsn;
import dev.muster.postgres.instance.Installation;
import dev.muster.postgres.instance.Server;
import dev.muster.postgresbinaries.PostgresBinaries;
import dev.muster.repository.Repository;
import dev.muster.repository.keys.KeyFile;
import dev.muster.storage.ObjectInfo;
import dev.muster.storage.Stores;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The time from a commit to its WAL being durable in the store, under pgbench's kind of load: what a loss of the server at
 * that moment would cost. A sampler commits, notes the position, and waits until the server has been told that the store
 * has it; so the message back and the asking count too, and no figure is too small.
 */
final class CommitToDurable {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final int CLIENTS = 4;
    private static final int SCALE = 5;
    private static final long SAMPLE_EVERY = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long ASK_EVERY = TimeUnit.MILLISECONDS.toNanos(5);
    /** A new process and an empty cache are not what is measured. */
    private static final Duration BEFORE = Duration.ofSeconds(15);

    private record Sample(Lsn end, long committed) {}

    private final Duration measured;
    private final int rate;
    private final AtomicLong transactions = new AtomicLong();
    private volatile boolean ended;

    /** @param rate transactions a second, of all clients together */
    CommitToDurable(Duration measured, int rate) {
        this.measured = measured;
        this.rate = rate;
    }

    void measure() throws Exception {
        Path folder = Files.createTempDirectory("muster-bench-");
        int port = freePort();
        Server server = cluster(folder, port);
        try {
            fill(port);
            Path store = Files.createDirectories(folder.resolve("store"));
            Path key = folder.resolve("key");
            Repository.create(Stores.open("file://" + store), KeyFile.generate(key), Clock.systemUTC())
                    .close();
            ChildJvm.Plan plan = ChildJvm.of("receiver", "dev.muster.embedded.Main")
                    .options("-Xmx256m", ChildJvm.COMPILED_BEST)
                    .arguments("wal", "receive", "postgres:postgresql://postgres@127.0.0.1:" + port + "/postgres")
                    .arguments("--source", "bench", "--store", "file://" + store, "--key-file", key.toString());
            try (ChildJvm receiver = plan.start(folder.resolve("receiver.log"))) {
                receiver.awaitLine(Pattern.compile("STREAMING"), LIMIT);
                underLoad(port, receiver, store);
            }
        } finally {
            server.stopImmediately(LIMIT);
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(path);
                }
            }
        }
    }

    private static Server cluster(Path folder, int port) throws IOException {
        Path data = folder.resolve("data");
        Installation installation = Installation.at(PostgresBinaries.home());
        Server.initialise(installation, data, "postgres", "--no-sync");
        Files.writeString(
                data.resolve("postgresql.auto.conf"),
                "listen_addresses = '127.0.0.1'\nport = " + port + "\nunix_socket_directories = ''\n"
                        + "shared_buffers = '256MB'\nmax_wal_size = '4GB'\ncheckpoint_timeout = '30min'\n");
        Server server = new Server(installation, data, folder.resolve("log"));
        server.start(LIMIT);
        return server;
    }

    private static Connection connect(int port) throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/postgres", "postgres", "");
    }

    /** The tables and the transaction of pgbench, the latter as a function: one round trip each. */
    private static void fill(int port) throws SQLException {
        try (Connection connection = connect(port);
                Statement statement = connection.createStatement()) {
            for (String sql : List.of(
                    "create table branches (bid int primary key, balance int, filler char(88))",
                    "create table tellers (tid int primary key, bid int, balance int, filler char(84))",
                    "create table accounts (aid int primary key, bid int, balance int, filler char(84))"
                            + " with (fillfactor = 90)",
                    "create table history (tid int, bid int, aid int, delta int, mtime timestamp, filler char(22))",
                    "create table marks (at timestamptz)",
                    "insert into branches select g, 0 from generate_series(1, " + SCALE + ") g",
                    "insert into tellers select g, g / 10, 0 from generate_series(1, " + SCALE * 10 + ") g",
                    "insert into accounts select g, g / 100000, 0, '' from generate_series(1, " + SCALE * 100_000
                            + ") g",
                    "create function tpcb(a int, t int, b int, d int) returns void language plpgsql as $$ begin"
                            + " update accounts set balance = balance + d where aid = a;"
                            + " perform balance from accounts where aid = a;"
                            + " update tellers set balance = balance + d where tid = t;"
                            + " update branches set balance = balance + d where bid = b;"
                            + " insert into history values (t, b, a, d, now(), ''); end $$",
                    "vacuum analyze",
                    "checkpoint")) {
                statement.execute(sql);
            }
        }
    }

    private void underLoad(int port, ChildJvm receiver, Path store) throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS + 1);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                Callable<Boolean> client = () -> transact(port);
                running.add(clients.submit(client));
            }
            TimeUnit.NANOSECONDS.sleep(BEFORE.toNanos());
            long from = transactions.get();
            double cpu = Figures.cpuSeconds(receiver.processId());
            long begun = System.nanoTime();
            double[] waits = sample(port);
            double seconds = (System.nanoTime() - begun) / 1e9;
            cpu = Figures.cpuSeconds(receiver.processId()) - cpu;
            double perSecond = (transactions.get() - from) / seconds;
            ended = true;
            for (Future<?> one : running) {
                one.get();
            }
            tell(waits, seconds, cpu, perSecond, store);
        } finally {
            ended = true;
            clients.shutdown();
        }
    }

    private boolean transact(int port) throws SQLException {
        long pause = TimeUnit.SECONDS.toNanos(CLIENTS) / rate;
        ThreadLocalRandom random = ThreadLocalRandom.current();
        try (Connection connection = connect(port);
                CallableStatement call = connection.prepareCall("select tpcb(?, ?, ?, ?)")) {
            long next = System.nanoTime();
            while (!ended) {
                call.setInt(1, random.nextInt(SCALE * 100_000) + 1);
                call.setInt(2, random.nextInt(SCALE * 10) + 1);
                call.setInt(3, random.nextInt(SCALE) + 1);
                call.setInt(4, random.nextInt(10_000) - 5_000);
                call.execute();
                transactions.incrementAndGet();
                next += pause;
                long left = next - System.nanoTime();
                if (left > 0) {
                    LockSupport.parkNanos(left);
                } else {
                    next = System.nanoTime();
                }
            }
        }
        return true;
    }

    /** @return milliseconds of each sample */
    private double[] sample(int port) throws SQLException {
        List<Double> waits = new ArrayList<>();
        Queue<Sample> open = new ArrayDeque<>();
        String durable = "select flush_lsn from pg_stat_replication where application_name = 'muster-wal'";
        try (Connection writing = connect(port);
                Connection asking = connect(port);
                Statement commit = writing.createStatement();
                PreparedStatement position = writing.prepareStatement("select pg_current_wal_insert_lsn()");
                PreparedStatement ask = asking.prepareStatement(durable)) {
            long end = System.nanoTime() + measured.toNanos();
            long next = System.nanoTime();
            while (System.nanoTime() < end || !open.isEmpty()) {
                if (System.nanoTime() >= next && System.nanoTime() < end) {
                    commit.execute("insert into marks values (now())");
                    long committed = System.nanoTime();
                    open.add(new Sample(lsn(position), committed));
                    next = System.nanoTime() + SAMPLE_EVERY;
                }
                Lsn safe = lsn(ask);
                long now = System.nanoTime();
                while (!open.isEmpty() && !safe.isBefore(open.peek().end())) {
                    waits.add((now - open.remove().committed()) / 1e6);
                }
                if (now > end + LIMIT.toNanos()) {
                    throw new IllegalStateException(open.size() + " commits never became durable");
                }
                LockSupport.parkNanos(ASK_EVERY);
            }
        }
        return waits.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private static Lsn lsn(PreparedStatement question) throws SQLException {
        try (ResultSet row = question.executeQuery()) {
            if (!row.next() || row.getString(1) == null) {
                throw new IllegalStateException("The receiver is not connected");
            }
            return Lsn.parse(row.getString(1));
        }
    }

    private void tell(double[] waits, double seconds, double cpu, double perSecond, Path store) {
        List<ObjectInfo> objects = new ArrayList<>();
        Stores.open("file://" + store).list("src/", objects::add);
        Figures.table(
                "From commit to durable in the store, " + waits.length + " commits in " + Figures.text(seconds) + " s",
                "",
                "");
        Figures.row("transactions a second", Figures.text(perSecond));
        Figures.row("p50, ms", Figures.text(Figures.quantile(waits, 0.50)));
        Figures.row("p95, ms", Figures.text(Figures.quantile(waits, 0.95)));
        Figures.row("p99, ms", Figures.text(Figures.quantile(waits, 0.99)));
        Figures.row("slowest, ms", Figures.text(Figures.quantile(waits, 1)));
        Figures.row("CPU of the receiver, share of one core", Figures.text(100 * cpu / seconds) + " %");
        Figures.row(
                "stored, MB",
                Figures.text(objects.stream().mapToLong(ObjectInfo::size).sum() / 1e6));
        Figures.row("objects", Integer.toString(objects.size()));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}

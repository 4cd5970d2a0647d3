package dev.muster.postgres.lastgoodpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.lastgoodpoint.Victim.Damage;
import dev.muster.postgres.walscan.DirectoryFiles;
import dev.muster.postgres.walscan.SourceCluster;
import dev.muster.postgres.walscan.WalFolder;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LastGoodPointTest {
    @TempDir
    Path folder;

    private static final String[] SHOP = {
        "create table customers (id int primary key, name text)",
        "create table orders (id int primary key, customer int references customers on delete cascade, total numeric)",
        "create table sessions (id serial primary key, seen timestamptz default now())",
        "insert into customers select g, 'customer ' || g from generate_series(1, 500) g",
        "insert into orders select g, 1 + g % 500, g from generate_series(1, 4000) g",
        "insert into sessions select generate_series(1, 500)",
        "analyze"
    };

    private static void everydayWork(SourceCluster cluster) throws Exception {
        try (Connection connection = cluster.connect();
                Statement statement = connection.createStatement()) {
            for (int i = 0; i < 60; i++) {
                statement.execute("update orders set total = total + 1 where id = " + (i + 1));
                statement.execute("delete from orders where id = " + (3900 + i));
                statement.execute("insert into sessions (id) values (default) on conflict do nothing");
                statement.execute("delete from sessions where id between " + (3 * i) + " and " + (3 * i + 2));
            }
        }
    }

    private static LastGoodPointReport find(SourceCluster cluster, SourceCluster.Backup backup, Hints hints) {
        return LastGoodPoint.find(new DirectoryFiles(backup.folder()), WalFolder.of(cluster), backup.redo(), hints);
    }

    @Test
    void aMaliciousDeleteAmongEverydayWorkIsFoundWithoutAnyHint() throws Exception {
        try (SourceCluster cluster = SourceCluster.start(folder, "wal_compression = on")) {
            cluster.run(SHOP);
            SourceCluster.Backup backup = cluster.backup(folder.resolve("backup"));
            everydayWork(cluster);
            long xid;
            Lsn before;
            try (Connection connection = cluster.connect();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                try (var rows = statement.executeQuery("select pg_current_xact_id()::text")) {
                    rows.next();
                    xid = Long.parseLong(rows.getString(1));
                }
                statement.execute("delete from customers where id <= 450");
                before = cluster.position();
                connection.commit();
            }
            cluster.run("alter table orders rename to orders_hidden", "drop table customers cascade");
            LastGoodPointReport report = find(cluster, backup, Hints.none());
            assertThat(report.doubts()).isEmpty();
            Candidate worst = report.proposal().orElseThrow();
            assertThat(worst.xid()).isEqualTo(xid);
            assertThat(worst.target()).isGreaterThanOrEqualTo(before);
            assertThat(worst.victims())
                    .extracting(Victim::qualifiedName, Victim::damage)
                    .contains(
                            org.assertj.core.groups.Tuple.tuple("postgres.public.orders", Damage.DELETED),
                            org.assertj.core.groups.Tuple.tuple("postgres.public.customers", Damage.DELETED));
            assertThat(worst.reasons()).anyMatch(reason -> reason.contains("deleted 450 of about 500 rows (90 %)"));
            assertThat(report.candidates())
                    .anyMatch(each -> each.victims().get(0).damage() == Damage.DROPPED
                            && each.victims().get(0).name().equals("customers"));
        }
    }

    @Test
    void everydayWorkAndMaintenanceAloneAreNothingDestructive() throws Exception {
        try (SourceCluster cluster = SourceCluster.start(folder)) {
            cluster.run(SHOP);
            SourceCluster.Backup backup = cluster.backup(folder.resolve("backup"));
            everydayWork(cluster);
            cluster.run(
                    "vacuum full orders",
                    "reindex table orders",
                    "alter table orders alter column total type text",
                    "create table empty_one (id int)",
                    "analyze empty_one",
                    "drop table empty_one");
            LastGoodPointReport report = find(cluster, backup, Hints.none());
            assertThat(report.nothingDestructiveFound())
                    .as("%s", report.candidates())
                    .isTrue();
            assertThat(report.examined()).isGreaterThan(200);
        }
    }

    @Test
    void truncatedAndDroppedTablesAndDatabasesAreFoundAndMassUpdatesAreNamedAsSuch() throws Exception {
        try (SourceCluster cluster = SourceCluster.start(folder)) {
            cluster.run(SHOP);
            cluster.run("create database shop2");
            SourceCluster.Backup backup = cluster.backup(folder.resolve("backup"));
            everydayWork(cluster);
            cluster.run(
                    "truncate orders",
                    "update customers set name = 'owned'",
                    "drop table sessions",
                    "drop database shop2");
            LastGoodPointReport report = find(cluster, backup, Hints.none());
            assertThat(report.candidates())
                    .extracting(each -> each.victims().get(0).damage() + " "
                            + each.victims().get(0).qualifiedName())
                    .containsExactlyInAnyOrder(
                            "DATABASE_DROPPED shop2",
                            "TRUNCATED postgres.public.orders",
                            "DROPPED postgres.public.sessions",
                            "UPDATED postgres.public.customers");
        }
    }

    @Test
    void hintsNarrowTheSearchAndAHintedTransactionIsReportedInAnyCase() throws Exception {
        try (SourceCluster cluster = SourceCluster.start(folder)) {
            cluster.run(SHOP);
            SourceCluster.Backup backup = cluster.backup(folder.resolve("backup"));
            cluster.run("delete from orders where id <= 3000");
            Instant between = Instant.now();
            cluster.run("delete from sessions where id <= 400");
            assertThat(find(cluster, backup, Hints.none().withRelation("sessions"))
                            .candidates())
                    .singleElement()
                    .matches(each -> each.rowsDeleted() == 400);
            assertThat(find(cluster, backup, Hints.none().withWindow(between, between.plusSeconds(3600)))
                            .candidates())
                    .singleElement()
                    .matches(each -> each.rowsDeleted() == 400);
            long xid;
            try (Connection connection = cluster.connect();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                try (var rows = statement.executeQuery("select pg_current_xact_id()::text")) {
                    rows.next();
                    xid = Long.parseLong(rows.getString(1));
                }
                statement.execute("delete from customers where id = 500");
                connection.commit();
            }
            assertThat(find(cluster, backup, Hints.none().withXid(xid)).candidates())
                    .singleElement()
                    .matches(each -> each.xid() == xid);
        }
    }
}

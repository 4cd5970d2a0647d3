package dev.muster.postgres.walscan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.postgres.walscan.RelationThen.Fate;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogueNamesTest {
    @TempDir
    Path folder;

    /** Names of the relations that hold rows, with their fate, at the commit of each transaction that matters. */
    private static List<String> told(SourceCluster cluster, SourceCluster.Backup backup) {
        List<CommittedTransaction> all = new ArrayList<>();
        WalFolder wal = WalFolder.of(cluster);
        ScanSummary summary = TransactionScan.run(new WalReader(wal, backup.redo()), transaction -> {
            if (transaction.rowsDeleted() > 0 || !transaction.removedFiles().isEmpty()) {
                all.add(transaction);
            }
            return true;
        });
        List<CatalogueNames.Moment> moments =
                all.stream().map(CatalogueNames.Moment::before).toList();
        List<NamesThen> names =
                new CatalogueNames(new DirectoryFiles(backup.folder()), wal, backup.redo(), summary).at(moments);
        List<String> told = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            CommittedTransaction transaction = all.get(i);
            NamesThen then = names.get(i);
            assertThat(then.doubts()).isEmpty();
            then.relations().values().stream()
                    .filter(RelationThen::holdsRows)
                    .filter(relation -> relation.fate() != Fate.CREATED)
                    .filter(relation -> relation.fate() != Fate.KEPT
                            || transaction.in(relation.file()).deleted() > 0)
                    .map(relation -> relation.qualifiedName() + " " + relation.fate() + " "
                            + transaction.in(relation.file()).deleted())
                    .sorted()
                    .forEach(told::add);
        }
        return told;
    }

    @Test
    void relationsAreNamedAsTheyWereCalledAtTheCommitFromTheBackupAndTheWalAlone() throws Exception {
        try (SourceCluster cluster = SourceCluster.start(folder)) {
            cluster.run(
                    "create schema shop",
                    "create table shop.orders as select g as id from generate_series(1, 500) g",
                    "create table shop.items as select g as id from generate_series(1, 500) g",
                    "create table big (id int, text text)",
                    "analyze");
            SourceCluster.Backup backup = cluster.backup(
                    folder.resolve("backup"), "create table during as select generate_series(1, 50) as id");
            cluster.run(
                    "delete from shop.orders where id <= 100",
                    "alter table shop.orders rename to old_orders",
                    "delete from shop.old_orders where id <= 200",
                    "alter schema shop rename to store",
                    "delete from store.old_orders where id <= 300",
                    "delete from during",
                    "create schema fresh",
                    "create table fresh.later as select g as id from generate_series(1, 70) g",
                    "delete from fresh.later where id <= 60",
                    "drop table fresh.later",
                    "truncate store.items",
                    "vacuum full store.old_orders",
                    "alter table store.old_orders alter column id type bigint",
                    "delete from store.old_orders where id <= 310",
                    "checkpoint",
                    "drop schema store cascade");
            assertThat(told(cluster, backup))
                    .containsExactly(
                            "postgres.shop.orders KEPT 100",
                            "postgres.shop.old_orders KEPT 100",
                            "postgres.store.old_orders KEPT 100",
                            "postgres.public.during KEPT 50",
                            "postgres.fresh.later KEPT 60",
                            "postgres.fresh.later DROPPED 0",
                            "postgres.store.items TRUNCATED 0",
                            "postgres.store.old_orders REWRITTEN 0",
                            "postgres.store.old_orders REWRITTEN 0",
                            "postgres.store.old_orders KEPT 10",
                            "postgres.store.items DROPPED 0",
                            "postgres.store.old_orders DROPPED 0");
        }
    }

    @Test
    void namesStayExactOverVacuumFullOfTheCataloguesAndInDatabasesMadeAfterTheBackup() throws Exception {
        try (SourceCluster cluster = SourceCluster.start(folder)) {
            cluster.run("create table t as select g as id from generate_series(1, 500) g");
            SourceCluster.Backup backup = cluster.backup(folder.resolve("backup"));
            cluster.run(
                    "vacuum full pg_class",
                    "alter table t rename to renamed",
                    "delete from renamed where id <= 10",
                    "create schema late",
                    "vacuum full pg_namespace",
                    "alter table renamed set schema late",
                    "delete from late.renamed where id <= 20",
                    "vacuum full pg_class",
                    "vacuum full pg_database",
                    "delete from late.renamed where id <= 30",
                    SourceCluster.createDatabase("logged", "wal_log"),
                    SourceCluster.createDatabase("copied", "file_copy"));
            for (String database : List.of("logged", "copied")) {
                cluster.runIn(
                        database,
                        "create table " + database + "_table as select g as id from generate_series(1, 50) g",
                        "delete from " + database + "_table where id <= 5");
            }
            cluster.run("alter database logged rename to other");
            cluster.runIn("other", "delete from logged_table");
            assertThat(told(cluster, backup))
                    .containsExactly(
                            "postgres.public.renamed KEPT 10",
                            "postgres.late.renamed KEPT 10",
                            "postgres.late.renamed KEPT 10",
                            "logged.public.logged_table KEPT 5",
                            "copied.public.copied_table KEPT 5",
                            "other.public.logged_table KEPT 45");
        }
    }

    @Test
    void aToastRelationLeadsToItsTableAndManyCatalogueChangesAreFollowed() throws Exception {
        try (SourceCluster cluster = SourceCluster.start(folder, "wal_compression = on")) {
            cluster.run(
                    "create table long_texts (id int, text text)",
                    "alter table long_texts alter column text set storage external");
            SourceCluster.Backup backup = cluster.backup(folder.resolve("backup"));
            cluster.run(
                    "insert into long_texts select g, repeat(md5(g::text), 300) from generate_series(1, 20) g",
                    "do $$ begin for i in 1..400 loop execute format('create table churn_%s (id int)', i);"
                            + " end loop; end $$",
                    "do $$ begin for i in 1..300 loop execute format('drop table churn_%s', i); end loop; end $$",
                    "vacuum pg_class",
                    "vacuum (freeze) pg_class",
                    "do $$ begin for i in 301..400 loop execute format('alter table churn_%s rename to turned_%s', i, i);"
                            + " end loop; end $$",
                    "insert into turned_350 select generate_series(1, 9)",
                    "analyze turned_350",
                    "delete from turned_350");
            long owner = Long.parseLong(cluster.text("select 'long_texts'::regclass::oid"));
            try (Connection connection = cluster.connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("delete from long_texts");
            }
            WalFolder wal = WalFolder.of(cluster);
            List<CommittedTransaction> all = new ArrayList<>();
            ScanSummary summary = TransactionScan.run(
                    new WalReader(wal, backup.redo()),
                    transaction -> transaction.rowsDeleted() == 0 || all.add(transaction));
            CommittedTransaction last = all.get(all.size() - 1);
            CommittedTransaction churn = all.get(all.size() - 2);
            CatalogueNames.Moment atLast = CatalogueNames.Moment.before(last);
            CatalogueNames.Moment atChurn = CatalogueNames.Moment.before(churn);
            List<NamesThen> names = new CatalogueNames(new DirectoryFiles(backup.folder()), wal, backup.redo(), summary)
                    .at(List.of(atLast, atChurn));
            assertThat(names.get(0).relations().values())
                    .anyMatch(relation -> relation.kind() == 't' && relation.owner() == owner)
                    .anyMatch(relation -> relation.oid() == owner);
            assertThat(names.get(1).relations().values())
                    .anyMatch(relation -> relation.name().equals("turned_350")
                            && relation.estimatedRows().orElse(-1) == 9);
        }
    }
}

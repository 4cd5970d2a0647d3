package dev.muster.postgres.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.postgres.TestCluster;
import dev.muster.repository.BackupKind;
import dev.muster.storage.testing.Thorough;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IncrementalTablespaceTest {
    @TempDir
    Path folder;

    private Path place(String name) throws Exception {
        Path place = Files.createDirectories(folder.resolve(name));
        TestCluster.installation().own(place);
        return place;
    }

    private static void table(BackupChain chain, String name, String tablespace) throws Exception {
        chain.execute(
                "create table " + name + " (n int primary key using index tablespace " + tablespace
                        + ", filler text) tablespace " + tablespace,
                "insert into " + name + " select g, repeat('t', 300) from generate_series(1, 20000) g");
    }

    @Test
    @Thorough
    @DisplayName("Tablespaces made, dropped, filled and emptied between increments are as the server had them"
            + " (PostgreSQL recovery 12)")
    void tablespacesChangeBetweenIncrements() throws Exception {
        try (BackupChain chain = BackupChain.summarizing(folder)) {
            chain.execute(
                    "create tablespace one location '" + place("one") + "'",
                    "create tablespace gone location '" + place("gone") + "'",
                    "set allow_in_place_tablespaces = on",
                    "create tablespace here location ''",
                    "create database moving tablespace one",
                    "create database copied");
            table(chain, "far", "one");
            table(chain, "leaving", "one");
            table(chain, "coming", "pg_default");
            table(chain, "inside", "here");
            table(chain, "dropped", "gone");
            chain.in("moving", "create table kept as select g from generate_series(1, 3000) g");
            chain.keep(BackupKind.FULL);

            chain.execute(
                    "update far set filler = 'changed' where n % 300 = 0",
                    "update inside set filler = 'changed' where n % 300 = 0",
                    "alter table leaving set tablespace pg_default",
                    "alter table coming set tablespace one",
                    "drop table dropped",
                    "drop tablespace gone",
                    "create tablespace two location '" + place("two") + "'",
                    "create database more tablespace two" + BackupChain.strategy("file_copy") + " template copied",
                    "alter database moving set tablespace two",
                    "vacuum full pg_class",
                    "reindex system postgres");
            table(chain, "second", "two");
            BackupResult first = chain.keep(BackupKind.INCREMENTAL);
            assertThat(first.summary().making().method()).isEqualTo(BackupChain.method());

            chain.in("moving", "update kept set g = -g where g % 7 = 0");
            chain.in("more", "create table made as select g from generate_series(1, 3000) g");
            chain.execute(
                    "truncate second",
                    "insert into second select g, 'again' from generate_series(1, 30000) g",
                    "delete from far where n > 1000",
                    "vacuum (truncate) far",
                    "insert into far select g, repeat('f', 300) from generate_series(1001, 15000) g",
                    "alter table inside set tablespace two",
                    "create table inside_again tablespace here as select g as n from generate_series(1, 9000) g",
                    "alter database moving set tablespace one",
                    "vacuum full pg_class");
            BackupResult second = chain.keep(BackupKind.INCREMENTAL);
            chain.execute("update far set filler = 'last' where n = 77");
            BackupResult third = chain.keep(BackupKind.INCREMENTAL);
            assertThat(second.summary().making().parent()).contains(first.backupId());
            assertThat(third.summary().making().bytesReused())
                    .isGreaterThan(third.summary().rawBytes() / 2);
            chain.compareAll(true);
        }
    }
}

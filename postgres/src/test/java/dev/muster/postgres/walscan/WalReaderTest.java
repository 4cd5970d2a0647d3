package dev.muster.postgres.walscan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WalReaderTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"off", "pglz"})
    void everyRecordIsReadAsPostgresItselfReadsIt(String compression) throws Exception {
        try (SourceCluster cluster = SourceCluster.start(folder, "wal_compression = " + compression)) {
            cluster.run("create extension pg_walinspect", "create extension pageinspect", "checkpoint");
            Lsn start = Lsn.parse(cluster.text("select redo_lsn from pg_control_checkpoint()"));
            cluster.run(
                    "create table t (id bigint primary key, payload text)",
                    "insert into t select g, repeat(md5(g::text), 1 + g % 200) from generate_series(1, 3000) g",
                    "update t set payload = payload || 'x' where id % 7 = 0",
                    "delete from t where id % 3 = 0",
                    "checkpoint",
                    "vacuum (freeze) t",
                    "select pg_switch_wal()",
                    "checkpoint",
                    "update t set id = -id where id % 5 = 0",
                    "select pg_create_restore_point('here')",
                    "truncate t");
            Lsn until = cluster.position();
            try (Connection connection = cluster.connect();
                    var statement = connection.createStatement();
                    ResultSet expected = statement.executeQuery("select start_lsn, end_lsn, prev_lsn, xid,"
                            + " record_length, main_data_length, resource_manager from pg_get_wal_records_info('"
                            + start
                            + "', '" + until + "')")) {
                WalReader reader = new WalReader(WalFolder.of(cluster), start);
                int records = 0;
                while (expected.next()) {
                    WalRecord record = reader.next().orElseThrow();
                    assertThat(record.start()).isEqualTo(Lsn.parse(expected.getString(1)));
                    assertThat(record.end()).isEqualTo(Lsn.parse(expected.getString(2)));
                    assertThat(record.previous()).isEqualTo(Lsn.parse(expected.getString(3)));
                    assertThat(record.xid()).isEqualTo(expected.getLong(4));
                    assertThat(record.length()).isEqualTo(expected.getInt(5));
                    assertThat(record.mainLength()).isEqualTo(expected.getInt(6));
                    records++;
                }
                assertThat(records).isGreaterThan(5000);
            }
            compareBlocks(cluster, start, until);
        }
    }

    private static void compareBlocks(SourceCluster cluster, Lsn start, Lsn until) throws Exception {
        WalReader reader = new WalReader(WalFolder.of(cluster), start);
        int images = 0;
        try (Connection connection = cluster.connect();
                var statement = connection.createStatement();
                ResultSet expected = statement.executeQuery("select start_lsn, block_id, reltablespace, reldatabase,"
                        + " relfilenode, relforknumber, relblocknumber, block_data_length, block_fpi_length,"
                        + " block_fpi_data, 'APPLY' = any(block_fpi_info), block_fpi_info from"
                        + " pg_get_wal_block_info('" + start + "', '" + until + "') order by start_lsn, block_id")) {
            WalRecord record = reader.next().orElseThrow();
            int index = 0;
            while (expected.next()) {
                Lsn position = Lsn.parse(expected.getString(1));
                while (!record.start().equals(position)) {
                    assertThat(index).isEqualTo(record.blocks().size());
                    record = reader.next().orElseThrow();
                    index = 0;
                }
                BlockReference block = record.blocks().get(index++);
                assertThat(block.id()).isEqualTo(expected.getInt(2));
                assertThat(block.relation())
                        .isEqualTo(new RelationFile(expected.getLong(3), expected.getLong(4), expected.getLong(5)));
                assertThat(block.fork()).isEqualTo(expected.getInt(6));
                assertThat(block.block()).isEqualTo(expected.getLong(7));
                assertThat(block.dataLength()).isEqualTo(expected.getInt(8));
                assertThat(block.imageLength()).isEqualTo(expected.getInt(9));
                byte[] image = expected.getBytes(10);
                assertThat(block.hasImage()).isEqualTo(image != null);
                if (image != null) {
                    assertThat(block.appliesImage()).isEqualTo(expected.getBoolean(11));
                    assertThat(block.image()).isEqualTo(image);
                    images++;
                }
            }
        }
        assertThat(images).isGreaterThan(100);
    }

    @Test
    void theEndOfWalIsAnOrdinaryResultAtTheServersOwnPosition() throws Exception {
        try (SourceCluster cluster = SourceCluster.start(folder)) {
            cluster.run("checkpoint");
            Lsn start = Lsn.parse(cluster.text("select redo_lsn from pg_control_checkpoint()"));
            cluster.run("create table t as select generate_series(1, 10000)");
            cluster.server().stop(Duration.ofSeconds(30));
            WalReader reader = new WalReader(WalFolder.of(cluster), start);
            Optional<WalRecord> last = Optional.empty();
            for (Optional<WalRecord> next = reader.next(); next.isPresent(); next = reader.next()) {
                last = next;
            }
            assertThat(reader.end().orElseThrow().position())
                    .isEqualTo(last.orElseThrow().end());
            assertThat(last.orElseThrow().resourceManager()).isEqualTo(WalRecord.XLOG);
            assertThat(reader.next()).isEmpty();
        }
    }

    @Test
    void aReaderCanBeginAtAnyPageAndThenReadsTheSameRecords() throws Exception {
        try (SourceCluster cluster = SourceCluster.start(folder)) {
            cluster.run("checkpoint");
            Lsn start = Lsn.parse(cluster.text("select redo_lsn from pg_control_checkpoint()"));
            cluster.run("create table t as select g, repeat('x', 1900) from generate_series(1, 2000) g");
            Lsn until = cluster.position();
            List<Lsn> all = new ArrayList<>();
            WalReader reader = new WalReader(WalFolder.of(cluster), start);
            for (Optional<WalRecord> next = reader.next(); next.isPresent(); next = reader.next()) {
                all.add(next.get().start());
            }
            for (long page = (start.value() & -8192) + 8192; page < until.value() - 8192; page += 8192 * 13) {
                Lsn boundary = new Lsn(page);
                Lsn first = all.stream()
                        .filter(lsn -> lsn.compareTo(boundary) >= 0)
                        .findFirst()
                        .orElseThrow();
                assertThat(WalReader.fromFirstRecordAfter(WalFolder.of(cluster), boundary)
                                .next()
                                .orElseThrow()
                                .start())
                        .isEqualTo(first);
            }
        }
    }

    @Test
    void aFlippedBitInTheMiddleIsAnErrorThatNamesThePositionAndATornEndIsNot() throws Exception {
        try (SourceCluster cluster = SourceCluster.start(folder)) {
            cluster.run("checkpoint");
            Lsn start = Lsn.parse(cluster.text("select redo_lsn from pg_control_checkpoint()"));
            cluster.run("create table t as select g, repeat('x', 1000) from generate_series(1, 3000) g");
            cluster.server().stopImmediately(Duration.ofSeconds(30));
            WalFolder wal = WalFolder.of(cluster);
            List<WalRecord> records = new ArrayList<>();
            WalReader reader = new WalReader(wal, start);
            for (Optional<WalRecord> next = reader.next(); next.isPresent(); next = reader.next()) {
                records.add(next.get());
            }
            WalRecord middle = records.get(records.size() / 2);
            Path segment = wal.segment(middle.start());
            byte[] original = Files.readAllBytes(segment);
            byte[] damaged = original.clone();
            damaged[(int) (middle.start().value() % (1 << 20)) + 20] ^= 0x04;
            Files.write(segment, damaged);
            WalReader second = new WalReader(wal, start);
            assertThatThrownBy(() -> {
                        while (second.next().isPresent()) {}
                    })
                    .isInstanceOf(PostgresException.class)
                    .hasMessageContaining(middle.start().toString())
                    .extracting(e -> ((PostgresException) e).code())
                    .isEqualTo("WAL_DAMAGED");
            Files.write(segment, original);

            WalRecord lastRecord = records.get(records.size() - 1);
            Path lastSegment = wal.segment(lastRecord.start());
            int cut = (int) (lastRecord.start().value() % (1 << 20)) + 10;
            Files.write(lastSegment, Arrays.copyOf(Files.readAllBytes(lastSegment), cut));
            WalReader third = new WalReader(wal, start);
            while (third.next().isPresent()) {}
            assertThat(third.end()).contains(new WalEnd(lastRecord.start(), WalEnd.Reason.INCOMPLETE_RECORD));
        }
    }

    @Test
    void aRecordThatACrashCutOffIsPassedOverAsTheServerDoes() throws Exception {
        try (SourceCluster cluster = SourceCluster.start(folder)) {
            cluster.run("create table t (a text)", "checkpoint");
            Lsn start = Lsn.parse(cluster.text("select redo_lsn from pg_control_checkpoint()"));
            cluster.run("insert into t select repeat('y', 1900) from generate_series(1, 300)");
            cluster.server().stopImmediately(Duration.ofSeconds(30));
            WalFolder wal = WalFolder.of(cluster);
            // Cut the WAL in the first page of a record that spans into the next segment.
            WalReader reader = new WalReader(wal, start);
            WalRecord spanning = null;
            for (Optional<WalRecord> next = reader.next(); next.isPresent(); next = reader.next()) {
                if (!next.get()
                        .start()
                        .segmentStart(1 << 20)
                        .equals(next.get().end().segmentStart(1 << 20))) {
                    spanning = next.get();
                    break;
                }
            }
            Objects.requireNonNull(spanning);
            Lsn boundary = spanning.end().segmentStart(1 << 20);
            for (long at = boundary.value(); Files.exists(wal.segment(new Lsn(at))); at += 1 << 20) {
                Files.delete(wal.segment(new Lsn(at)));
            }
            try (SourceCluster again = SourceCluster.startOn(cluster.data())) {
                again.run("insert into t select 'after' from generate_series(1, 10)");
                WalReader second = new WalReader(wal, start);
                int commits = 0;
                boolean passed = false;
                for (Optional<WalRecord> next = second.next(); next.isPresent(); next = second.next()) {
                    passed |= next.get().start().compareTo(boundary) >= 0;
                    if (passed && TransactionRecord.isEnd(next.get())) {
                        commits++;
                    }
                    assertThat(next.get().start()).isNotEqualTo(spanning.start());
                }
                assertThat(commits).isEqualTo(1);
            }
        }
    }
}

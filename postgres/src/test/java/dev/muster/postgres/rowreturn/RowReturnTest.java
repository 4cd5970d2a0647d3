package dev.muster.postgres.rowreturn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.postgres.PostgresException;
import dev.muster.postgres.rowreturn.ReturnResult.ReturnedRelation;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class RowReturnTest extends AttackedCluster {
    private static final List<String> SHOP = List.of(
            "create table customers (id int generated always as identity primary key, name text,"
                    + " upper_name text generated always as (upper(name)) stored, born date, blob bytea, score float8)",
            "create table orders (id int primary key, customer int not null references customers on delete cascade,"
                    + " total numeric, tags text[])",
            "insert into customers (name, born, blob, score) select 'c' || g, date '2000-01-01' + g,"
                    + " decode(md5(g::text), 'hex'), g / 3.0 from generate_series(1, 400) g",
            "insert into customers (name) values (null)",
            "insert into orders select g, 1 + g % 400, g / 7.0, array['a,b', null, '\"'] from generate_series(1, 3000) g",
            "create table kept as select * from customers",
            "create table kept_orders as select * from orders");

    @Test
    void rowsDeletedWithTheirChildrenComeBackExactlyAndARepeatFindsThemThere() throws Exception {
        scenario(
                SHOP,
                List.of("delete from customers where id <= 300 or name is null"),
                List.of("alter table orders rename to purchases", "insert into customers (name) values ('new one')"),
                (live, copy, transaction, wal) -> {
                    ReturnResult result = bringBack(live, copy, transaction, wal, defaults());
                    assertThat(of(result, "customers").expected()).isEqualTo(301);
                    assertThat(of(result, "customers").returned()).isEqualTo(301);
                    assertThat(of(result, "purchases").nameThen()).isEqualTo("public.orders");
                    assertThat(of(result, "purchases").returned())
                            .isEqualTo(of(result, "purchases").expected())
                            .isGreaterThan(2000);
                    assertThat(result.isVerified()).isTrue();
                    assertThat(live.text("select count(*) from (table kept except table customers) x"))
                            .isEqualTo("0");
                    assertThat(live.text("select count(*) from (table kept_orders except table purchases) x"))
                            .isEqualTo("0");
                    ReturnResult again = bringBack(live, copy, transaction, wal, defaults());
                    assertThat(again.returned()).isZero();
                    assertThat(again.alreadyThere()).isEqualTo(result.expected());
                    assertThat(again.isVerified()).isTrue();
                    assertThat(live.text("select count(*) from customers")).isEqualTo("402");
                });
    }

    @Test
    void updatedThenDeletedRowsComeBackAsTheyWereAndOwnInsertsOrRolledBackDeletesDoNot() throws Exception {
        scenario(
                List.of(
                        "create table t (id int primary key, text text)",
                        "insert into t select g, 'was ' || g from generate_series(1, 1000) g"),
                List.of(
                        "update t set text = 'scrambled' where id <= 100",
                        "update t set text = 'twice' where id <= 50",
                        "insert into t select g, 'own' from generate_series(2001, 2100) g",
                        "savepoint a",
                        "delete from t where id between 500 and 600",
                        "rollback to a",
                        "savepoint b",
                        "delete from t where id between 1 and 80 or id between 2001 and 2050",
                        "release b",
                        "delete from t where id between 700 and 709"),
                List.of("checkpoint"),
                (live, copy, transaction, wal) -> {
                    ReturnResult result = bringBack(live, copy, transaction, wal, defaults());
                    assertThat(of(result, "t").expected()).isEqualTo(90);
                    assertThat(of(result, "t").returned()).isEqualTo(90);
                    assertThat(live.text("select count(*) from t where text = 'was ' || id and id <= 80"))
                            .isEqualTo("80");
                    assertThat(live.text("select count(*) from t where id > 2000"))
                            .isEqualTo("50");
                    assertThat(live.text("select count(*) from t where text = 'scrambled'"))
                            .isEqualTo("20");
                });
    }

    @Test
    void aRowWhoseKeyWasUsedAgainIsLeftAloneAndListed() throws Exception {
        scenario(
                List.of(
                        "create table t (id int primary key, email text unique)",
                        "insert into t select g, g || '@example.org' from generate_series(1, 100) g"),
                List.of("delete from t"),
                List.of("insert into t values (7, 'changed@example.org'), (8, '8@example.org'),"
                        + " (1000, '9@example.org')"),
                (live, copy, transaction, wal) -> {
                    ReturnResult result = bringBack(live, copy, transaction, wal, defaults());
                    ReturnedRelation t = of(result, "t");
                    assertThat(t.expected()).isEqualTo(100);
                    assertThat(t.returned()).isEqualTo(97);
                    assertThat(t.alreadyThere()).isEqualTo(1);
                    assertThat(t.conflicting()).isEqualTo(2);
                    assertThat(t.conflicts()).containsExactlyInAnyOrder("(7)", "(9)");
                    assertThat(t.isVerified()).isTrue();
                    assertThat(live.text("select email from t where id = 7")).isEqualTo("changed@example.org");
                });
    }

    @Test
    void rowsWithoutAnyKeyComeBackAsOftenAsTheyWereThere() throws Exception {
        scenario(
                List.of(
                        "create table log (at int, line text)",
                        "insert into log select g % 5, 'same' from generate_series(1, 50) g",
                        "insert into log values (null, null), (null, null), (77, 'unique')"),
                List.of(
                        "delete from log where ctid in (select ctid from log where at = 1 limit 4)",
                        "delete from log where at is null or at = 77"),
                List.of(),
                (live, copy, transaction, wal) -> {
                    for (int attempt = 0; attempt < 2; attempt++) {
                        ReturnResult result = bringBack(live, copy, transaction, wal, defaults());
                        assertThat(of(result, "log").expected()).isEqualTo(7);
                        assertThat(of(result, "log").returned()).isEqualTo(attempt == 0 ? 7 : 0);
                        assertThat(of(result, "log").alreadyThere()).isEqualTo(attempt == 0 ? 0 : 7);
                        assertThat(result.isVerified()).isTrue();
                        assertThat(live.text("select count(*) from log where at = 1"))
                                .isEqualTo("10");
                        assertThat(live.text("select count(*) from log")).isEqualTo("53");
                    }
                });
    }

    @Test
    void aTruncatedTableComesBackWholeAndMovesBetweenPartitionsAreCounted() throws Exception {
        scenario(
                List.of(
                        "create table t (id int primary key, text text)",
                        "insert into t select g, repeat(md5(g::text), 200) from generate_series(1, 300) g",
                        "create table parts (id int, part int, primary key (id, part)) partition by list (part)",
                        "create table part1 partition of parts for values in (1)",
                        "create table part2 partition of parts for values in (2)",
                        "insert into parts select g, 1 + g % 2 from generate_series(1, 100) g"),
                List.of(
                        "truncate t",
                        "delete from parts where id <= 10",
                        "update parts set part = 2 where id = 12 or id = 14",
                        "delete from parts where id = 14"),
                List.of(),
                (live, copy, transaction, wal) -> {
                    long oid = Long.parseLong(live.text("select 't'::regclass::oid"));
                    ReturnResult result =
                            bringBack(live, copy, transaction, wal, defaults().withWholeRelations(Set.of(oid)));
                    assertThat(of(result, "t").returned()).isEqualTo(300);
                    assertThat(live.text("select count(*) from t where text = repeat(md5(id::text), 200)"))
                            .isEqualTo("300");
                    assertThat(of(result, "part1").returned()).isEqualTo(5);
                    assertThat(of(result, "part2").returned()).isEqualTo(5);
                    assertThat(result.untraceable()).isEqualTo(1);
                    assertThat(result.isVerified()).isFalse();
                });
    }

    @Test
    void aTableThatTheTransactionLockedIsReadFromACopyPausedBeforeThat() throws Exception {
        scenario(
                List.of("create table t (id int primary key)", "insert into t select generate_series(1, 100)"),
                List.of("lock table t in access exclusive mode", "delete from t where id <= 40"),
                List.of(),
                (live, copy, transaction, wal) -> {
                    assertThat(transaction.readableUntil()).isLessThan(transaction.commitStart());
                    ReturnResult result = bringBack(live, copy, transaction, wal, defaults());
                    assertThat(result.returned()).isEqualTo(40);
                    assertThat(result.isVerified()).isTrue();
                });
    }

    @Test
    void whatCannotBeDoneSafelyIsRefusedBeforeAnythingIsTouched() throws Exception {
        scenario(
                List.of(
                        "create table t (id int primary key, text text)",
                        "insert into t select g, 'x' from generate_series(1, 100) g"),
                List.of("delete from t"),
                List.of(
                        "create function stamp() returns trigger language plpgsql as"
                                + " 'begin new.text := new.text || ''!''; return new; end'",
                        "create trigger stamp before insert on t for each row execute function stamp()"),
                (live, copy, transaction, wal) -> {
                    assertThatThrownBy(() -> bringBack(live, copy, transaction, wal, defaults()))
                            .isInstanceOfSatisfying(
                                    PostgresException.class,
                                    e -> assertThat(code(e)).isEqualTo("TRIGGERS_WOULD_FIRE"))
                            .hasMessageContaining("stamp");
                    live.run("alter table t disable trigger stamp", "alter table t add column more int");
                    assertThatThrownBy(() -> bringBack(live, copy, transaction, wal, defaults()))
                            .isInstanceOfSatisfying(
                                    PostgresException.class,
                                    e -> assertThat(code(e)).isEqualTo("COLUMNS_CHANGED"))
                            .hasMessageContaining("more integer");
                    live.run("alter table t drop column more");
                    AtomicBoolean asked = new AtomicBoolean();
                    assertThatThrownBy(() -> bringBack(live, copy, transaction, wal, defaults(), () -> {
                                asked.set(true);
                                throw new IllegalStateException("the epoch has passed");
                            }))
                            .hasMessage("the epoch has passed");
                    assertThat(asked).isTrue();
                    assertThat(live.text("select count(*) from t")).isEqualTo("0");
                    assertThatThrownBy(() -> bringBack(copy, live, transaction, wal, defaults()))
                            .isInstanceOfSatisfying(
                                    PostgresException.class,
                                    e -> assertThat(code(e)).isEqualTo("LIVE_IS_READ_ONLY"));
                    live.run("alter table t enable trigger stamp");
                    ReturnResult fired =
                            bringBack(live, copy, transaction, wal, defaults().firingTriggers());
                    assertThat(of(fired, "t").returned()).isEqualTo(100);
                    assertThat(fired.isVerified()).isFalse();
                    live.run("drop table t");
                    assertThatThrownBy(() -> bringBack(live, copy, transaction, wal, defaults()))
                            .isInstanceOfSatisfying(
                                    PostgresException.class,
                                    e -> assertThat(code(e)).isEqualTo("RELATION_MISSING"));
                    copy.run("select pg_wal_replay_resume()");
                    Awaitility.await()
                            .until(() -> copy.text("select pg_is_in_recovery()").equals("f"));
                    assertThatThrownBy(() -> bringBack(live, copy, transaction, wal, defaults()))
                            .isInstanceOfSatisfying(
                                    PostgresException.class,
                                    e -> assertThat(code(e)).isEqualTo("COPY_NOT_AT_TARGET"));
                });
    }
}

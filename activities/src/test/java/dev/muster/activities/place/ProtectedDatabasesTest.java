package dev.muster.activities.place;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.activities.authority.AuthorityRefusedException;
import dev.muster.runbooks.SystemDescription;
import dev.muster.runbooks.SystemDescription.Database;
import dev.muster.runbooks.yaml.RunbookFiles;
import dev.muster.runbooks.yaml.SourceText;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Whose databases a worker takes for its own. */
class ProtectedDatabasesTest {
    private static final String ONE = """
            apiVersion: muster/v1
            kind: System
            metadata: {name: ledger}
            spec:
              tier: low
              sites: [{name: berlin}]
              repositories:
                - {name: primary, site: berlin, store: "file:///store", key: "file:/key"}
              databases:
                - name: main
                  repository: primary
                  site: berlin
                  host: db1
                  dataDirectory: /srv/ledger
                  connection: {host: 127.0.0.1, port: 5433, user: muster, database: ledger}
            """;

    private static final String TWO = """
            apiVersion: muster/v1
            kind: System
            metadata: {name: orders}
            spec:
              tier: low
              sites: [{name: berlin}, {name: paris}]
              repositories:
                - {name: primary, site: berlin, store: "file:///store", key: "file:/key"}
              databases:
                - name: main
                  repository: primary
                  members:
                    - name: first
                      site: berlin
                      host: db1
                      dataDirectory: /srv/first
                      connection: {host: 127.0.0.1, port: 5432, user: muster, database: orders}
                      address: {host: db1.example.net, port: 5432}
                    - name: second
                      site: paris
                      host: db2
                      dataDirectory: /srv/second
                      connection: {host: 127.0.0.1, port: 5432, user: muster, database: orders}
                      address: {host: db2.example.net, port: 5432}
            """;

    private static final SystemDescription LEDGER = system(ONE);
    private static final SystemDescription ORDERS = system(TWO);

    private final ProtectedDatabases site = new ProtectedDatabases(List.of(LEDGER, ORDERS));

    private static SystemDescription system(String yaml) {
        return RunbookFiles.read(List.of(new SourceText("system.yaml", yaml)))
                .systems()
                .get(0)
                .system();
    }

    private static Database orders(String member) {
        return ORDERS.databases().get(0).on(member);
    }

    @Test
    @DisplayName("A host worker acts for the member on its host and for no other")
    void aHostWorkerActsForTheMemberOnItsHost() {
        assertThat(directoriesOn("db1")).containsExactly("/srv/ledger", "/srv/first");
        assertThat(directoriesOn("db2")).containsExactly("/srv/second");
        assertThat(directoriesOn("db9")).isEmpty();
    }

    /** What the worker of a host receives WAL of. */
    private List<String> directoriesOn(String host) {
        return site.on(host).all().stream()
                .filter(database -> database.description().host().equals(host))
                .map(database -> database.dataDirectory().toString())
                .toList();
    }

    @Test
    @DisplayName("A host worker refuses what is meant for another member of its database")
    void aHostWorkerRefusesWhatIsForAnotherMember() {
        ProtectedDatabases second = site.on("db2");
        assertThat(second.of(ORDERS, orders("second")).dataDirectory()).hasToString("/srv/second");
        assertThatThrownBy(() -> second.of(ORDERS, orders("first")))
                .isInstanceOfSatisfying(
                        AuthorityRefusedException.class,
                        refused -> assertThat(refused.code()).isEqualTo("SYSTEM_DIFFERS"));
    }

    @Test
    void aSiteWorkerTakesADatabaseWhicheverMemberIsMeant() {
        assertThat(site.of(ORDERS, orders("first")).source()).isEqualTo("orders-main");
        assertThat(site.of(ORDERS, orders("second")).source()).isEqualTo("orders-main");
    }

    @Test
    void aDescriptionThatDiffersInAnyMemberIsRefusedByEveryWorker() {
        SystemDescription moved = system(TWO.replace("/srv/second", "/srv/elsewhere"));
        for (ProtectedDatabases worker : List.of(site, site.on("db1"), site.on("db2"))) {
            for (String member : List.of("first", "second")) {
                assertThatThrownBy(
                                () -> worker.of(moved, moved.databases().get(0).on(member)))
                        .isInstanceOfSatisfying(
                                AuthorityRefusedException.class,
                                refused -> assertThat(refused.code()).isEqualTo("SYSTEM_DIFFERS"));
            }
        }
    }

    @Test
    void aDatabaseWithOneServerIsTakenAsDescribedByEveryWorker() {
        Database ledger = LEDGER.databases().get(0);
        for (ProtectedDatabases worker : List.of(site, site.on("db1"), site.on("db2"))) {
            assertThat(worker.of(LEDGER, ledger).description()).isEqualTo(ledger);
        }
    }
}

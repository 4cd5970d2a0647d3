package dev.muster.runbooks.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.runbooks.Endpoint;
import dev.muster.runbooks.FailoverNeeds;
import dev.muster.runbooks.Fence;
import dev.muster.runbooks.Member;
import dev.muster.runbooks.Objectives;
import dev.muster.runbooks.Problem;
import dev.muster.runbooks.Replication;
import dev.muster.runbooks.Scenario;
import dev.muster.runbooks.SystemDescription;
import dev.muster.runbooks.SystemDescription.Database;
import dev.muster.runbooks.Traffic;
import dev.muster.runbooks.Workload;
import dev.muster.runbooks.lookup.MentionedHost;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a system of several members is read to; what is wrong with one is in {@link ErrorFilesTest}. */
class TopologyTest {
    private final SystemDescription twoSites = loaded(SystemsPage.twoSites()).system();
    private final Database main = twoSites.databases().get(0);

    private static RunbookFiles.LoadedSystem loaded(String yaml) {
        return RunbookFiles.read(List.of(new SourceText("system.yaml", yaml)))
                .systems()
                .get(0);
    }

    private static List<String> warnings(String yaml) {
        return loaded(yaml).warnings().stream().map(Problem::code).toList();
    }

    private static String changed(String from, String to) {
        String page = SystemsPage.twoSites();
        assertThat(page).contains(from);
        return page.replace(from, to);
    }

    @Test
    void everyFieldOfAMemberIsReadAndTheRestHasItsDefault() {
        assertThat(main.members()).extracting(Member::name).containsExactly("db1", "db2", "db3");
        Member db2 = main.member("db2").orElseThrow();
        assertThat(db2.site()).isEqualTo("paris");
        assertThat(db2.host()).isEqualTo("db2");
        assertThat(db2.connection().host()).isEqualTo("127.0.0.1");
        assertThat(db2.reachedAt()).isEqualTo(new Member.Address("db2.paris.example.net", 5432));
        assertThat(db2.replicationSlot()).isEqualTo("muster");
        assertThat(db2.slotOnUpstream()).isEqualTo("muster_db2");
        assertThat(db2.priority()).isEqualTo(10);
        assertThat(db2.promotable()).isTrue();
        assertThat(db2.upstream()).isNull();
        Member db3 = main.member("db3").orElseThrow();
        assertThat(db3.upstream()).isEqualTo("db2");
        assertThat(db3.promotable()).isFalse();
        assertThat(main.membersAt("paris")).containsExactly(db2, db3);
        assertThat(main.memberOn("db3")).contains(db3);
        assertThat(main.memberOn("db9")).isEmpty();
        assertThat(main.candidatesBeside("db1")).containsExactly(db2);
        assertThat(main.candidatesBeside("db2"))
                .containsExactly(main.member("db1").orElseThrow());
    }

    @Test
    void replicationAndFencesAreReadInTheirOrder() {
        Replication replication = main.replication();
        assertThat(replication.mode()).isEqualTo(Replication.Mode.ASYNCHRONOUS);
        assertThat(replication.synchronous()).isNull();
        assertThat(replication.user()).isEqualTo("replicator");
        assertThat(String.valueOf(replication.password())).isEqualTo("env:REPLICATION_PASSWORD");
        assertThat(replication.lagLimitBytes()).isEqualTo(64_000_000);
        assertThat(replication.automaticFailover()).isFalse();
        assertThat(main.fences())
                .containsExactly(
                        new Fence.Host(),
                        new Fence.Command("power-off", 60),
                        new Fence.Lease(
                                List.of(
                                        "https://etcd.berlin.example.net:2379",
                                        "https://etcd.paris.example.net:2379",
                                        "https://etcd.oslo.example.net:2379"),
                                10,
                                "/muster",
                                null,
                                null,
                                new Fence.Certificates("/etc/muster/etcd-ca.pem", null, null)),
                        new Fence.Statement("incident-commander"));
    }

    @Test
    void endpointsTrafficAndWorkloadsAreRead() {
        assertThat(twoSites.endpoint("write").orElseThrow().behind()).contains("main");
        assertThat(twoSites.endpoint("web").orElseThrow())
                .isEqualTo(new Endpoint.Http("web", null, URI.create("https://orders.example.net/health"), 200));
        assertThat(twoSites.trafficTo(main)).extracting(Traffic::driver).containsExactly("dns", "haproxy");
        Traffic.Dns dns = (Traffic.Dns) twoSites.traffic().get(0);
        assertThat(dns.server()).isEqualTo(new Member.Address("ns1.example.net", 53));
        assertThat(dns.ttlSeconds()).isEqualTo(300);
        assertThat(dns.switchTtlSeconds()).isEqualTo(30);
        assertThat(String.valueOf(dns.key())).contains("hmac-sha256").contains("env:DNS_KEY");
        assertThat(dns.targets()).isEqualTo(Map.of("berlin", List.of("192.0.2.1"), "paris", List.of("192.0.2.2")));
        assertThat(twoSites.workloadsAt("paris"))
                .containsExactly(new Workload(
                        "app", "paris", "start-app", "stop-app", new Workload.Scale("scale-app", 6), "web", 1, 300));
    }

    @Test
    void aNameInDnsIsReadAsAWholeOne() {
        SystemDescription system = loaded(changed(
                        "{berlin: [192.0.2.1], paris: [192.0.2.2]}",
                        "{berlin: [b.example.net], paris: [2001:db8::1, 192.0.2.2]}"))
                .system();
        assertThat(system.traffic().get(0).targets())
                .isEqualTo(Map.of("berlin", List.of("b.example.net."), "paris", List.of("2001:db8::1", "192.0.2.2")));
    }

    @Test
    void aTargetOfAMemberCountsBeforeTheOneOfItsSite() {
        Member db2 = main.member("db2").orElseThrow();
        assertThat(twoSites.traffic().get(0).targetOf(db2)).isEqualTo("paris");
        assertThat(twoSites.traffic().get(1).targetOf(db2)).isEqualTo("db2");
    }

    @Test
    void aDatabaseThatDescribesOneServerHasOneMemberWithTheNameOfItsHost() {
        SystemDescription system = loaded(SystemsPage.oneServer()).system();
        Database database = system.databases().get(0);
        assertThat(database.topology()).isNull();
        assertThat(database.members()).hasSize(1);
        Member only = database.acting();
        assertThat(only.name()).isEqualTo("db1");
        assertThat(only.dataDirectory()).isEqualTo(database.dataDirectory());
        assertThat(only.reachedAt()).isEqualTo(new Member.Address("127.0.0.1", 5432));
        assertThat(database.on("db1")).isEqualTo(database);
        assertThat(database.fences()).containsExactly(new Fence.Host(), new Fence.Statement("incident-commander"));
        assertThat(database.replication()).isEqualTo(Replication.DEFAULT);
        assertThat(system.drillable()).isFalse();
    }

    @Test
    void aSingleServerMayHaveAFenceOfItsOwn() {
        Database database = loaded(SystemsPage.oneServer()
                        .replace(
                                "      repository: primary\n",
                                "      repository: primary\n      fence: [{method: statement, role: dba}]\n"))
                .system()
                .databases()
                .get(0);
        assertThat(database.fences()).containsExactly(new Fence.Statement("dba"));
        assertThat(database.members()).extracting(Member::name).containsExactly("db1");
    }

    @Test
    void aDatabaseHasTheFieldsOfTheMemberThatActs() {
        assertThat(main.host()).isEqualTo("db1");
        assertThat(main.site()).isEqualTo("berlin");
        Database second = main.on("db2");
        assertThat(second.host()).isEqualTo("db2");
        assertThat(second.site()).isEqualTo("paris");
        assertThat(second.acting().name()).isEqualTo("db2");
        assertThat(second).isNotEqualTo(main);
        assertThat(second.asDescribed()).isEqualTo(main);
        assertThatThrownBy(() -> main.on("db9"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("db9");
        // A plan that names one member and the directory of another.
        assertThatThrownBy(() -> new Database(
                        "main",
                        "paris",
                        "db2",
                        "orders-main",
                        "primary",
                        "/var/lib/elsewhere",
                        second.connection(),
                        "muster",
                        null,
                        second.topology()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theSettingOfSynchronousStandbysIsTheSameWhoeverIsThePrimary() {
        String mode = "mode: synchronous, synchronous: {choice: first, count: 1, members: [db2, db1]}";
        Replication.Synchronous first = synchronous(mode);
        assertThat(first.setting()).isEqualTo("FIRST 1 (\"db2\", \"db1\")");
        assertThat(first.standbysOf("db2")).containsExactly("db1");
        assertThat(synchronous("mode: synchronous").setting()).isEqualTo("ANY 1 (\"db1\", \"db2\", \"db3\")");
    }

    private static Replication.Synchronous synchronous(String mode) {
        return Objects.requireNonNull(loaded(changed("mode: asynchronous", mode))
                .system()
                .databases()
                .get(0)
                .replication()
                .synchronous());
    }

    @Test
    void objectivesComeFromTheTierTheSystemTheSiteAndTheScenarioTheLastOneCounts() {
        SystemDescription system = loaded(changed(
                        "  tier: critical\n",
                        "  tier: critical\n  objectives: {rpo: 1m, scenarios: {restore-test: {rto: 2h}}}\n"))
                .system();
        assertThat(system.objectives()).isEqualTo(objectives(15, 1));
        assertThat(system.objectivesOf(Scenario.BACKUP)).isEqualTo(objectives(15, 1));
        assertThat(system.objectivesOf(Scenario.BACKUP, "paris")).isEqualTo(objectives(30, 1));
        assertThat(system.objectivesOf(Scenario.BACKUP, "berlin")).isEqualTo(objectives(15, 1));
        assertThat(system.objectivesOf(Scenario.RESTORE_TEST)).isEqualTo(objectives(120, 1));
        assertThat(system.objectivesOf(Scenario.RESTORE_TEST, "paris")).isEqualTo(objectives(120, 1));
        assertThat(RunbookFiles.read(
                                List.of(
                                        ShippedRunbooks.source("restore-test"),
                                        new SourceText(
                                                "system.yaml",
                                                changed(
                                                        "  tier: critical\n",
                                                        "  tier: critical\n  objectives: {scenarios: {restore-test: {rto: 2h}}}\n"))))
                        .only()
                        .resolved()
                        .promised())
                .isEqualTo(objectives(120, 5));
    }

    private static Objectives objectives(long rtoMinutes, long rpoMinutes) {
        return new Objectives(Duration.ofMinutes(rtoMinutes), Duration.ofMinutes(rpoMinutes));
    }

    @Test
    void theExamplesHaveNoWarning() {
        assertThat(warnings(SystemsPage.oneServer())).isEmpty();
        assertThat(warnings(SystemsPage.twoSites())).isEmpty();
    }

    @Test
    @DisplayName("Automatic failover needs a fence that a machine proves: with a statement only it is refused, with the"
            + " host's only it is warned about")
    void automaticFailoverNeedsAFenceThatAMachineProves() {
        String automatic = changed("lagLimit: 64MB", "lagLimit: 64MB, automaticFailover: true");
        assertThat(warnings(automatic)).isEmpty();
        int from = automatic.indexOf("      fence:");
        int to = automatic.indexOf("  endpoints:\n");
        String fence = automatic.substring(from, to);
        assertThat(warnings(automatic.replace(fence, ""))).containsExactly("AUTOMATIC_WAITS_FOR_PERSON");
        assertThatThrownBy(() -> loaded(automatic.replace(fence, "      fence: [{method: statement}]\n")))
                .hasMessageContaining("AUTOMATIC_WITHOUT_FENCE");
    }

    @Test
    void votersThatAddNoSafetyAreWarnedAbout() {
        String fourth = "\"https://etcd.oslo.example.net:2379\", \"https://etcd4.example.net:2379\"";
        assertThat(warnings(changed("\"https://etcd.oslo.example.net:2379\"", fourth)))
                .containsExactly("LEASE_EVEN_ENDPOINTS");
        assertThat(warnings(changed("https://etcd.oslo.example.net:2379", "https://etcd.paris.example.net:2381")))
                .containsExactly("LEASE_SHARED_HOST");
    }

    @Test
    void aSiteThatADatabaseCanMoveToAndThatHasNoStoreIsWarnedAboutWithItsPlace() {
        String yaml = changed("name: paris, site: paris, store", "name: paris, site: berlin, store");
        assertThat(loaded(yaml).warnings())
                .singleElement()
                .satisfies(warning -> assertThat(warning.toString())
                        .startsWith("system.yaml:")
                        .contains("spec.databases[0].members[1].site")
                        .contains("[SITE_WITHOUT_STORE]"));
    }

    @Test
    void aSiteAtWhichNothingIsIsWarnedAbout() {
        assertThat(warnings(changed("    - {name: berlin}\n", "    - {name: berlin}\n    - {name: oslo}\n")))
                .containsExactly("SITE_UNUSED");
    }

    @Test
    void aDatabaseWithoutACandidateIsWarnedAboutAndNoFailoverOfItCanBePlanned() {
        String yaml = changed("          priority: 10\n", "          promotable: false\n");
        assertThat(warnings(yaml)).containsExactly("NO_CANDIDATE");
        assertThat(FailoverNeeds.missing(loaded(yaml).system().databases().get(0)))
                .extracting(Problem::code)
                .containsExactly("NO_CANDIDATE");
        assertThat(FailoverNeeds.missing(main)).isEmpty();
        assertThat(FailoverNeeds.missing(
                        loaded(SystemsPage.oneServer()).system().databases().get(0)))
                .extracting(Problem::code)
                .containsExactly("FAILOVER_NEEDS_MEMBERS");
    }

    @Test
    void everyHostThatOthersMustReachIsMentionedWithItsPlaceAndNoOther() {
        assertThat(loaded(SystemsPage.twoSites()).hosts())
                .extracting(MentionedHost::host)
                .containsExactlyInAnyOrder(
                        "db1.berlin.example.net",
                        "db2.paris.example.net",
                        "db3.paris.example.net",
                        "etcd.berlin.example.net",
                        "etcd.paris.example.net",
                        "etcd.oslo.example.net",
                        "orders-db.example.net",
                        "orders.example.net",
                        "ns1.example.net",
                        "lb1.example.net",
                        "lb2.example.net");
        assertThat(loaded(SystemsPage.twoSites()).hosts().get(0).field())
                .isEqualTo("spec.databases[0].members[0].address.host");
        assertThat(loaded(SystemsPage.oneServer()).hosts()).isEmpty();
    }

    @Test
    void aSlotsNameIsNeverLongerThanPostgresqlTakes() {
        assertThat(Member.defaultStreamingSlot("a-b")).isEqualTo("muster_a_b");
        assertThat(Member.defaultStreamingSlot("a".repeat(63))).hasSize(63);
    }
}

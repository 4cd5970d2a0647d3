package dev.muster.runbooks.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.muster.runbooks.Endpoint;
import dev.muster.runbooks.Fence;
import dev.muster.runbooks.SystemDescription;
import dev.muster.runbooks.SystemDescription.Database;
import dev.muster.runbooks.Traffic;
import dev.muster.runbooks.Workload;
import dev.muster.runbooks.yaml.RunbookFiles;
import dev.muster.runbooks.yaml.SourceText;
import dev.muster.runbooks.yaml.SystemsPage;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Databases as plans hold them. */
class StoredDatabaseTest {
    private static final String FURTHER_DRIVERS = """
                - {name: route, endpoint: write, driver: route53, zone: Z1, record: orders.example.net, policy: failover, targets: {berlin: [set-b], paris: [set-p]}}
                - {name: hook, endpoint: write, driver: webhook, url: "https://hook.example.net/", secret: "env:HOOK", status: "https://hook.example.net/state"}
                - {name: script, endpoint: write, driver: command, command: switch, timeout: 1m, reports: true}
            """;

    private final SystemDescription twoSites = RunbookFiles.read(List.of(new SourceText(
                    "two-sites.yaml",
                    SystemsPage.twoSites().replace("  workloads:\n", FURTHER_DRIVERS + "  workloads:\n"))))
            .systems()
            .get(0)
            .system();

    private static String json(Object value) {
        return new String(CanonicalJson.write(value), StandardCharsets.UTF_8);
    }

    /** Stored plans, and the histories of runs, hold these bytes and hashes over them. */
    @Test
    void aDatabaseThatSaysWhatOlderVersionsKnewIsWrittenAsOlderVersionsWroteIt() {
        assertThat(json(Examples.system().databases().get(0)))
                .isEqualTo(
                        "{\"connection\":{\"database\":\"orders\",\"host\":\"127.0.0.1\",\"password\":\"env:PGPASSWORD\","
                                + "\"port\":5432,\"user\":\"muster\"},\"dataDirectory\":\"/var/lib/postgresql/18/main\","
                                + "\"host\":\"db1\",\"name\":\"main\",\"replicationSlot\":\"muster\",\"repository\":\"primary\","
                                + "\"site\":\"berlin\",\"source\":\"orders-main\"}");
    }

    @Test
    void aDatabaseWithMembersIsReadBackAsItWasAndWrittenTheSameAgain() throws JsonProcessingException {
        for (String acting : List.of("db1", "db2", "db3")) {
            Database database = twoSites.databases().get(0).on(acting);
            Database read = CanonicalJson.MAPPER.readValue(json(database), Database.class);
            CanonicalJson.refuseNulls(read);
            assertThat(read).isEqualTo(database);
            assertThat(json(read)).isEqualTo(json(database));
        }
    }

    @Test
    void aStoredDatabaseThatMixesTwoMembersIsRefused() {
        String mixed = json(twoSites.databases().get(0)).replace("\"acting\":\"db1\"", "\"acting\":\"db2\"");
        assertThatThrownBy(() -> CanonicalJson.MAPPER.readValue(mixed, Database.class))
                .isInstanceOf(JsonProcessingException.class);
    }

    @Test
    void endpointsTrafficWorkloadsAndFencesAreReadBackAsTheyWere() throws JsonProcessingException {
        assertThat(CanonicalJson.MAPPER.readValue(array(twoSites.endpoints()), new TypeReference<List<Endpoint>>() {}))
                .isEqualTo(twoSites.endpoints());
        assertThat(CanonicalJson.MAPPER.readValue(array(twoSites.traffic()), new TypeReference<List<Traffic>>() {}))
                .isEqualTo(twoSites.traffic())
                .extracting(Traffic::driver)
                .containsExactly("dns", "haproxy", "route53", "webhook", "command");
        assertThat(CanonicalJson.MAPPER.readValue(array(twoSites.workloads()), new TypeReference<List<Workload>>() {}))
                .isEqualTo(twoSites.workloads());
        List<Fence> fences = twoSites.databases().get(0).fences();
        assertThat(CanonicalJson.MAPPER.readValue(array(fences), new TypeReference<List<Fence>>() {}))
                .isEqualTo(fences);
    }

    /** Each by its own: a list alone does not say what its items are, a record's field does. */
    private static String array(List<?> items) {
        return "["
                + String.join(",", items.stream().map(StoredDatabaseTest::json).toList()) + "]";
    }
}

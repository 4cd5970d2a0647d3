package dev.muster.runbooks.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.runbooks.Problem;
import dev.muster.runbooks.RunbookException;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A second repository that is no second copy. */
class StorePlacesTest {
    private static List<SourceText> system(String one, String other) {
        return List.of(new SourceText("orders.yaml", """
                apiVersion: muster/v1
                kind: System
                metadata: {name: orders}
                spec:
                  tier: critical
                  sites: [{name: berlin}]
                  repositories:
                    - {name: primary, site: berlin, store: "%s", key: "file:/etc/muster/orders.key"}
                    - {name: offsite, site: berlin, store: "%s", key: "file:/etc/muster/orders.key"}
                  databases:
                    - name: main
                      site: berlin
                      host: db1
                      repository: primary
                      dataDirectory: /var/lib/postgresql/18/main
                      connection: {host: 127.0.0.1, port: 5432, user: muster, database: orders}
                """.formatted(one, other)));
    }

    @ParameterizedTest
    @CsvSource({
        "file:///srv/store, file:///srv/store",
        "file:///srv/store, file:///srv/store/",
        "file:///srv/store, file:///srv/store/copy",
        "file:///srv/store/copy, file:///srv/store",
        "s3://backups/orders, s3://backups/orders?region=eu-central-1",
        "s3://b1/o?endpoint=https://one.example, s3://b1/o?region=x&endpoint=https://one.example/"
    })
    @DisplayName("Two repositories of a system in one store, or one inside of the other, are refused")
    void oneStore(String one, String other) {
        assertThatThrownBy(() -> RunbookFiles.read(system(one, other)))
                .isInstanceOfSatisfying(
                        RunbookException.class,
                        refused -> assertThat(refused.problems())
                                .singleElement()
                                .satisfies(problem -> {
                                    assertThat(problem.code()).isEqualTo("DUPLICATE_STORE");
                                    assertThat(problem.message()).contains("'primary'");
                                    assertThat(problem.hint()).isNotBlank();
                                })
                                .extracting(Problem::toString)
                                .asString()
                                .startsWith("orders.yaml:9:"));
    }

    @ParameterizedTest
    @CsvSource({
        "file:///srv/store, file:///srv/store-2",
        "s3://backups/orders, s3://backups-2/orders",
        "s3://backups/orders?endpoint=https://one.example, s3://backups/orders?endpoint=https://two.example"
    })
    void twoStores(String one, String other) {
        assertThat(RunbookFiles.read(system(one, other)).systems()).hasSize(1);
    }
}

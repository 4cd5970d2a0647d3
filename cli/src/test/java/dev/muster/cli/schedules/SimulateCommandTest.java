package dev.muster.cli.schedules;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.muster.cli.Errors;
import dev.muster.cli.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class SimulateCommandTest {
    static final String SYSTEM = """
            apiVersion: muster/v1
            kind: System
            metadata: {name: orders}
            spec:
              tier: critical
              sites: [{name: berlin}]
              repositories:
                - {name: primary, site: berlin, store: "file:///srv/store", key: "file:/etc/muster/orders.key"}
              databases:
                - name: main
                  site: berlin
                  host: db1
                  repository: primary
                  dataDirectory: /srv/main
                  connection: {host: 127.0.0.1, port: 5432, user: muster, database: orders}
            ---
            apiVersion: muster/v1
            kind: Schedule
            metadata: {name: early}
            spec:
              runbook: shipped:backup
              cron: ["30 2 * * *"]
              timeZone: Europe/Berlin
              jitter: 10m
            """;

    private final StringWriter out = new StringWriter();
    private final StringWriter errors = new StringWriter();

    @TempDir
    private Path folder;

    private String file = "";

    @BeforeEach
    void write() throws IOException {
        file = Files.writeString(folder.resolve("orders.yaml"), SYSTEM).toString();
    }

    private int simulate(String... options) {
        List<String> arguments = new ArrayList<>(List.of("simulate", file));
        arguments.addAll(List.of(options));
        return Errors.configure(new CommandLine(new SchedulesCommand()))
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(errors, true))
                .execute(arguments.toArray(String[]::new));
    }

    @Test
    void theTableShowsTimesInTheirZoneJitterAndTheDayOnWhichNothingStarts() {
        assertThat(simulate("--from", "2027-03-27T00:00:00Z", "--to", "2027-03-30T00:00:00Z"))
                .isEqualTo(ExitCode.SUCCESS);
        assertThat(out.toString().lines())
                .containsExactly(
                        "STARTS                          UP TO    ZONE           SCHEDULE              AT THE SAME TIME",
                        "Sat 2027-03-27 02:30:00 +01:00  +10 min  Europe/Berlin  orders/early  STARTS",
                        "Mon 2027-03-29 02:30:00 +02:00  +10 min  Europe/Berlin  orders/early  STARTS",
                        "CLOCK CHANGE  orders/early: 2027-03-28T02:30 in Europe/Berlin does not exist; nothing starts.");
    }

    @Test
    void jsonIsOneDocumentThatAScriptCanRead() throws IOException {
        assertThat(simulate("--from", "2027-03-27T00:00:00Z", "--duration", "backup=30h", "--output", "json"))
                .isEqualTo(ExitCode.SUCCESS);
        JsonNode json = new ObjectMapper().readTree(out.toString());
        assertThat(json.path("to").asText()).isEqualTo("2027-04-03T00:00:00Z");
        assertThat(json.path("starts").get(0).path("earliest").asText()).isEqualTo("2027-03-27T01:30:00Z");
        assertThat(json.path("starts").get(0).path("fate").asText()).isEqualTo("STARTS");
        assertThat(json.path("starts").get(2).path("fate").asText()).isEqualTo("SKIPPED");
        assertThat(json.path("clockChanges").get(0).path("exists").asBoolean()).isFalse();
    }

    @Test
    void badTimesAndNamesAreRefusedWithACode() {
        assertThat(simulate("--from", "2027-03-30T00:00:00Z", "--to", "2027-03-27T00:00:00Z"))
                .isEqualTo(ExitCode.BAD_INPUT);
        assertThat(simulate("--duration", "bakcup=30h")).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(simulate("--duration", "backup=soon")).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(errors.toString().lines()).hasSize(3).allMatch(line -> line.endsWith("[SIMULATION_TIMES_WRONG]"));
        assertThat(simulate("--from", "2027-03-30T00:00:00")).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(errors.toString()).contains("is no moment with its zone");
    }
}

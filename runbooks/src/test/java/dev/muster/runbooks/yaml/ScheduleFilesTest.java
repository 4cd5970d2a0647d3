package dev.muster.runbooks.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.runbooks.Problem;
import dev.muster.runbooks.RunbookException;
import dev.muster.runbooks.Scenario;
import dev.muster.runbooks.schedule.Overlap;
import dev.muster.runbooks.schedule.Schedule;
import dev.muster.runbooks.yaml.ScheduleFiles.LoadedSchedule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Schedules with what they start; what is wrong with a schedule alone is in {@link ErrorFilesTest}. */
class ScheduleFilesTest {
    private static final SourceText ORDERS =
            new SourceText("orders.yaml", RunbookFilesTest.orders().split("---", -1)[0]);

    private static SourceText schedule(String name, String... lines) {
        return new SourceText(
                name + ".yaml",
                "apiVersion: muster/v1\nkind: Schedule\nmetadata: {name: " + name
                        + "}\nspec:\n  cron: [\"0 2 * * *\"]\n" + "  timeZone: Europe/Berlin\n  "
                        + String.join("\n  ", lines) + "\n");
    }

    private static SourceText runbook(String name, String spec) {
        return new SourceText(
                name + ".yaml",
                "apiVersion: muster/v1\nkind: Runbook\nmetadata: {name: " + name + "}\nspec: " + spec + "\n");
    }

    private static List<Problem> problems(SourceText... sources) {
        List<Problem> found = new ArrayList<>();
        assertThatThrownBy(() -> ScheduleFiles.read(List.of(sources)))
                .isInstanceOfSatisfying(RunbookException.class, e -> found.addAll(e.problems()));
        return found;
    }

    private static void refused(String code, String place, SourceText... sources) {
        assertThat(problems(sources)).singleElement().satisfies(problem -> {
            assertThat(problem.code()).isEqualTo(code);
            assertThat(problem.position().map(Problem.Position::toString)).contains(place);
            assertThat(problem.hint()).isNotBlank();
        });
    }

    @Test
    void everyFieldIsReadAndTheRestHasItsDefault() {
        Schedule full = ScheduleFiles.read(List.of(
                        ORDERS,
                        schedule(
                                "nightly",
                                "system: orders",
                                "runbook: shipped:backup",
                                "jitter: 90s",
                                "overlap: buffer-one",
                                "catchUp: 2h",
                                "paused: {note: until the disk is in}")))
                .get(0)
                .schedule();
        assertThat(full.fullName()).isEqualTo("orders/nightly");
        assertThat(full.jitter()).isEqualTo(Duration.ofSeconds(90));
        assertThat(full.overlap()).isEqualTo(Overlap.BUFFER_ONE);
        assertThat(full.catchUp()).isEqualTo(Duration.ofHours(2));
        assertThat(full.paused()).contains("until the disk is in");
        assertThat(full.timetable().zone()).isEqualTo(ZoneId.of("Europe/Berlin"));
        Schedule least = ScheduleFiles.read(List.of(ORDERS, schedule("nightly", "runbook: shipped:backup")))
                .get(0)
                .schedule();
        assertThat(least.system()).isEqualTo("orders");
        assertThat(least.jitter()).isEqualTo(Duration.ZERO);
        assertThat(least.overlap()).isEqualTo(Overlap.SKIP);
        assertThat(least.catchUp()).isEqualTo(Duration.ofHours(6));
        assertThat(least.paused()).isEqualTo(Optional.empty());
    }

    @Test
    void theShippedTimetableFitsAnySystem(@TempDir Path folder) throws IOException {
        Path orders = Files.writeString(folder.resolve("orders.yaml"), ORDERS.text());
        List<LoadedSchedule> shipped = ScheduleFiles.load(List.of("shipped:default-timetable", orders.toString()));
        assertThat(shipped)
                .extracting(loaded -> loaded.schedule().fullName())
                .containsExactly(
                        "orders/backup-nightly",
                        "orders/backup-sunday",
                        "orders/backup-archival",
                        "orders/restore-test-weekly");
        assertThat(shipped)
                .extracting(loaded -> loaded.runbook().resolved().runbook().scenario())
                .containsExactly(Scenario.BACKUP, Scenario.BACKUP, Scenario.BACKUP, Scenario.RESTORE_TEST);
    }

    @Test
    void aFolderOfSystemsRunbooksAndSchedulesIsLoaded(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("orders.yaml"), ORDERS.text());
        Files.writeString(folder.resolve("payments.yaml"), ORDERS.text().replace("{name: orders}", "{name: payments}"));
        Files.writeString(
                folder.resolve("own.yaml"), runbook("own", "{scenario: backup}").text());
        Files.writeString(
                folder.resolve("a.yaml"),
                schedule("a", "system: payments", "runbook: own").text());
        assertThat(ScheduleFiles.load(List.of(folder.toString())))
                .singleElement()
                .satisfies(loaded -> {
                    assertThat(loaded.schedule().fullName()).isEqualTo("payments/a");
                    assertThat(loaded.runbook().resolved().system().name()).isEqualTo("payments");
                });
    }

    @Test
    void aRunbookThatChangesTheSystemIsScheduledOnlyWhenTheFileSaysThatEachRunIsApproved() {
        SourceText recovery =
                runbook("recovery", "{scenario: point-in-time-recovery, target: {latest: true}, outcome: keep-copy}");
        refused(
                "SCHEDULED_CHANGE_NEEDS_APPROVAL",
                "drill.yaml:7:12",
                ORDERS,
                recovery,
                schedule("drill", "runbook: recovery"));
        assertThat(ScheduleFiles.read(
                        List.of(ORDERS, recovery, schedule("drill", "runbook: recovery", "approval: each-run"))))
                .singleElement()
                .satisfies(loaded -> assertThat(loaded.schedule().approval()).isTrue());
        refused(
                "APPROVAL_NOT_NEEDED",
                "nightly.yaml:8:3",
                ORDERS,
                schedule("nightly", "runbook: shipped:backup", "approval: each-run"));
    }

    @Test
    void anExpiryThatAsksForApprovalsIsScheduledOnlyWhenTheFileSaysSo() {
        SourceText expire = runbook("careful", "{scenario: expire, policy: {daily: 7}, approval: {expires: 1h}}");
        refused(
                "SCHEDULED_CHANGE_NEEDS_APPROVAL",
                "nightly.yaml:7:12",
                ORDERS,
                expire,
                schedule("nightly", "runbook: careful"));
        assertThat(ScheduleFiles.read(
                        List.of(ORDERS, expire, schedule("nightly", "runbook: careful", "approval: each-run"))))
                .singleElement()
                .satisfies(loaded -> assertThat(loaded.schedule().approval()).isTrue());
    }

    @Test
    void whatIsNotThereIsToldWithItsPlace() {
        refused("SYSTEM_MISSING", "a.yaml:5:3", schedule("a", "runbook: shipped:backup"));
        refused("UNKNOWN_SYSTEM", "a.yaml:7:11", ORDERS, schedule("a", "system: order", "runbook: shipped:backup"));
        refused("UNKNOWN_RUNBOOK", "a.yaml:7:12", ORDERS, schedule("a", "runbook: backup"));
        refused("UNKNOWN_SHIPPED_RUNBOOK", "a.yaml:7:12", ORDERS, schedule("a", "runbook: shipped:bakcup"));
        refused(
                "OTHER_SYSTEM",
                "a.yaml:8:12",
                ORDERS,
                new SourceText("payments.yaml", ORDERS.text().replace("{name: orders}", "{name: payments}")),
                runbook("own", "{scenario: backup, system: payments}"),
                schedule("a", "system: payments", "runbook: own"),
                schedule("a", "system: orders", "runbook: own"));
    }

    @Test
    void twoSchedulesOfOneNameAreRefusedForOneSystemAndNotForTwo() {
        SourceText payments =
                new SourceText("payments.yaml", ORDERS.text().replace("{name: orders}", "{name: payments}"));
        SourceText one = schedule("a", "system: orders", "runbook: shipped:backup");
        SourceText other = new SourceText("b.yaml", one.text() + "  jitter: 1m\n");
        refused("DUPLICATE_NAME", "b.yaml:3:18", ORDERS, one, other);
        assertThat(ScheduleFiles.read(
                        List.of(ORDERS, payments, one, schedule("a", "system: payments", "runbook: shipped:backup"))))
                .hasSize(2);
    }

    @Test
    void twoSystemsOfOneNameAreRefusedInsteadOfOneBeingTaken() {
        refused(
                "DUPLICATE_NAME",
                "other.yaml:3:18",
                ORDERS,
                new SourceText("other.yaml", ORDERS.text() + "# other\n"),
                schedule("a", "runbook: shipped:backup"));
    }

    @Test
    void twoRunbooksInOneFileAreRefusedBecauseARunIsStartedWithTheWholeFile() {
        SourceText both = new SourceText(
                "both.yaml",
                runbook("one", "{scenario: backup}").text() + "---\n"
                        + runbook("two", "{scenario: restore-test}").text());
        refused("RUNBOOK_AMBIGUOUS", "a.yaml:7:12", ORDERS, both, schedule("a", "runbook: one"));
    }

    @Test
    void problemsOfTheRunbookAndTheSystemAreToldWhereTheyStand() {
        assertThat(problems(
                        ORDERS, runbook("own", "{scenario: backup, database: mian}"), schedule("a", "runbook: own")))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.code()).isEqualTo("UNKNOWN_DATABASE");
                    assertThat(problem.position().map(Problem.Position::file)).contains("own.yaml");
                });
    }

    @Test
    void filesWithoutAScheduleAreRefused() {
        assertThat(problems(ORDERS)).extracting(Problem::code).containsExactly("NO_SCHEDULE");
    }
}

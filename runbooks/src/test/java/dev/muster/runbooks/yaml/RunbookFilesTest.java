package dev.muster.runbooks.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.runbooks.BackupChoice;
import dev.muster.runbooks.Objectives;
import dev.muster.runbooks.Problem;
import dev.muster.runbooks.RecoveryPoint;
import dev.muster.runbooks.ResolvedRunbook;
import dev.muster.runbooks.Runbook;
import dev.muster.runbooks.RunbookException;
import dev.muster.runbooks.SystemDescription;
import dev.muster.runbooks.Target;
import dev.muster.runbooks.Tier;
import dev.muster.runbooks.steps.StepType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Loading what is right; what is wrong is in {@link ErrorFilesTest}. */
class RunbookFilesTest {
    @TempDir
    Path folder;

    static String orders() {
        try (InputStream in = Objects.requireNonNull(
                RunbookFilesTest.class.getResourceAsStream("/dev/muster/runbooks/orders.yaml"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String systemOnly() {
        return orders().split("---")[0];
    }

    @Test
    void everyFieldOfASystemIsReadAndTheRestHasItsDefault() {
        SystemDescription system = RunbookFiles.read(List.of(new SourceText("orders.yaml", orders())))
                .systems()
                .get(0)
                .system();
        assertThat(system.name()).isEqualTo("orders");
        assertThat(system.tier()).isEqualTo(Tier.CRITICAL);
        assertThat(system.objectives()).isEqualTo(new Objectives(Duration.ofMinutes(20), Duration.ofMinutes(5)));
        SystemDescription.Database main = system.databases().get(0);
        assertThat(main.source()).isEqualTo("orders-main");
        assertThat(main.replicationSlot()).isEqualTo("muster");
        assertThat(main.connection().port()).isEqualTo(5432);
        assertThat(String.valueOf(main.connection().password())).isEqualTo("env:PGPASSWORD");
        assertThat(system.repositoryOf(main).key().file()).isEqualTo("/etc/muster/orders.key");
        assertThat(system.checks()).hasSize(2);
        assertThat(system.checks().get(1)).isEqualTo(new SystemDescription.Check.Command("ledger", "ledger-check"));
    }

    @Test
    void everyFieldOfARunbookIsReadAndItsSystemIsFoundInTheSameFile() {
        ResolvedRunbook resolved = RunbookFiles.read(List.of(new SourceText("orders.yaml", orders())))
                .only()
                .resolved();
        assertThat(resolved.promised()).isEqualTo(new Objectives(Duration.ofMinutes(90), Duration.ofSeconds(45)));
        Runbook.PointInTimeRecovery runbook = (Runbook.PointInTimeRecovery) resolved.runbook();
        assertThat(runbook.target())
                .isEqualTo(new Target.Fixed(new RecoveryPoint.Time(Instant.parse("2026-11-21T09:00:00Z"), false)));
        assertThat(runbook.backup()).isEqualTo(new BackupChoice.Newest());
        assertThat(runbook.copy())
                .isEqualTo(new Runbook.CopyPlace(Optional.of("/srv/copies/orders"), Optional.of(5544)));
        assertThat(runbook.approval()).isEqualTo(new Runbook.Approval("dba", Duration.ofHours(1)));
        assertThat(runbook.verify()).containsExactly(new Runbook.VerifyStep(StepType.SYSTEM_CHECKS, List.of("ledger")));
        assertThat(runbook.outcome()).isEqualTo(Runbook.Outcome.KEEP_COPY);
        assertThat(runbook.afterwards()).isEqualTo(Runbook.Afterwards.KEEP);
    }

    @ParameterizedTest
    @MethodSource("dev.muster.runbooks.yaml.ShippedRunbooks#names")
    void aShippedRunbookRunsForAnySystemThatIsGivenWithIt(String name) {
        String system = systemOnly()
                .replace(
                        "  databases:",
                        "    - {name: offsite, site: berlin, store: \"file:///mnt/offsite\", key: \"file:/etc/muster/orders.key\"}\n"
                                + "  databases:");
        RunbookFiles.LoadedRunbook loaded = RunbookFiles.read(
                        List.of(RunbookFiles.source("shipped:" + name), new SourceText("orders.yaml", system)))
                .only();
        assertThat(loaded.resolved().runbook().name()).isEqualTo(name);
        assertThat(name).startsWith(loaded.resolved().runbook().scenario().id());
        assertThat(loaded.resolved().system().name()).isEqualTo("orders");
        assertThat(loaded.source().file()).isEqualTo("shipped:" + name);
        assertThat(loaded.systemSource().hash()).hasSize(64);
    }

    @Test
    void aShippedRunbookThatIsNotThereIsRefusedWithTheOneThatWasMeant() {
        assertThatThrownBy(() -> RunbookFiles.source("shipped:restoretest"))
                .isInstanceOf(RunbookException.class)
                .satisfies(
                        thrown -> assertThat(((RunbookException) thrown).hint()).contains("'restore-test'"));
    }

    @Test
    void theSystemIsFoundInAFurtherFileOrDirectoryAndFilesOfOtherProgramsAreNoProblemThere() throws IOException {
        Path runbook = Files.writeString(
                folder.resolve("runbook.yaml"),
                "apiVersion: muster/v1\nkind: Runbook\nmetadata: {name: nightly}\nspec: {scenario: backup, system: orders}\n");
        Path systems = Files.createDirectory(folder.resolve("systems"));
        Path system = Files.writeString(systems.resolve("orders.yml"), systemOnly());
        Files.writeString(systems.resolve("service.yaml"), "apiVersion: v1\nkind: Service\nspec: {}\n");
        Files.writeString(systems.resolve("readme.txt"), "not: [yaml");
        assertThat(RunbookFiles.load(runbook, systems)
                        .only()
                        .resolved()
                        .system()
                        .name())
                .isEqualTo("orders");
        assertThat(RunbookFiles.load(runbook, system).only().resolved().system().name())
                .isEqualTo("orders");
        assertThat(RunbookFiles.load(system).runbooks()).isEmpty();
    }

    @Test
    void theSameTextGivenTwiceCountsOnce() {
        SourceText text = new SourceText("orders.yaml", orders());
        assertThat(RunbookFiles.read(List.of(text, text))
                        .only()
                        .resolved()
                        .system()
                        .name())
                .isEqualTo("orders");
    }

    @Test
    void problemsOfAllFilesAreToldTogether() throws IOException {
        Path one = Files.writeString(folder.resolve("one.yaml"), "kind: System\n");
        Path two = Files.write(folder.resolve("two.yaml"), new byte[] {'a', (byte) 0xff});
        Path large = Files.write(folder.resolve("large.yaml"), new byte[SourceText.LARGEST + 1]);
        Path none = folder.resolve("none.yaml");
        assertThatThrownBy(() -> RunbookFiles.load(one, two, large, none))
                .isInstanceOf(RunbookException.class)
                .satisfies(thrown -> assertThat(((RunbookException) thrown).problems())
                        .extracting(Problem::code)
                        .containsExactlyInAnyOrder("UNKNOWN_VERSION", "NOT_TEXT", "FILE_TOO_LARGE", "FILE_UNREADABLE"));
    }

    @Test
    void aTextOfMoreThanAMebibyteIsRefusedWhereverItComesFrom() {
        assertThatThrownBy(() ->
                        RunbookFiles.read(List.of(new SourceText("large.yaml", "#".repeat(SourceText.LARGEST + 1)))))
                .satisfies(thrown -> assertThat(
                                ((RunbookException) thrown).problems().get(0).code())
                        .isEqualTo("FILE_TOO_LARGE"));
    }

    @Test
    void theNumberOfProblemsThatAreShownIsBounded() {
        StringBuilder many = new StringBuilder("apiVersion: muster/v1\nkind: System\n");
        for (int i = 0; i < 500; i++) {
            many.append("unknown").append(i).append(": 1\n");
        }
        assertThatThrownBy(() -> RunbookFiles.read(List.of(new SourceText("many.yaml", many.toString()))))
                .satisfies(thrown -> assertThat(((RunbookException) thrown).problems())
                        .hasSize(101)
                        .last()
                        .satisfies(problem -> assertThat(problem.code()).isEqualTo("TOO_MANY_PROBLEMS")));
    }

    @Test
    void whichRunbookIsMeantMustBeClear() {
        assertThatThrownBy(() -> RunbookFiles.read(List.of(new SourceText("orders.yaml", systemOnly())))
                        .only())
                .satisfies(
                        thrown -> assertThat(((RunbookException) thrown).code()).isEqualTo("NO_RUNBOOK"));
        assertThatThrownBy(() -> RunbookFiles.read(
                                List.of(new SourceText("orders.yaml", orders()), RunbookFiles.source("shipped:backup")))
                        .only())
                .satisfies(
                        thrown -> assertThat(((RunbookException) thrown).code()).isEqualTo("RUNBOOK_AMBIGUOUS"));
    }
}

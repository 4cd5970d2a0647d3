package dev.muster.e2e;

import static dev.muster.e2e.ProtectedOrders.step;
import static dev.muster.e2e.ProtectedOrders.there;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.cli.ApproveCommand;
import dev.muster.embedded.EmbeddedException;
import dev.muster.embedded.orders.Attack;
import dev.muster.embedded.orders.PaymentsDigest;
import dev.muster.embedded.stack.Stack;
import dev.muster.repository.keys.KeyFile;
import dev.muster.workflows.approval.ApproverKey;
import dev.muster.workflows.run.ApprovalAnswer;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunStatus;
import dev.muster.workflows.run.StepReport;
import io.temporal.client.WorkflowStub;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is wrong is named, with a code and what to check, before anything is touched. */
@Timeout(120)
class BadInputTest {
    private static final String PLANNING = "observe-and-plan";

    private static ProtectedOrders orders;
    private static Instant beforeTheBackup;
    private static Attack.Truth attack;

    private PaymentsDigest paymentsBefore = PaymentsDigest.EMPTY;
    private List<Path> copiesBefore = List.of();

    @BeforeAll
    static void aDatabaseWithABackupAndAnAttack() throws Exception {
        beforeTheBackup = Instant.now().minusSeconds(60);
        orders = ProtectedOrders.withoutTraffic();
        attack = orders.strike();
    }

    @AfterAll
    static void end() {
        // Not started when the set-up failed, which has then ended its processes itself.
        if (orders != null) {
            orders.close();
        }
    }

    @BeforeEach
    void lookAtWhatMustStayAsItIs() throws Exception {
        paymentsBefore = orders.payments();
        copiesBefore = orders.copies();
    }

    @Test
    void aFlippedBitInABackupFailsTheRestoreTestAndNamesTheObjectAndTheFile() throws Exception {
        Path pack = largestPack();
        long middle = Files.size(pack) / 2;
        flipBit(pack, middle);
        try {
            RunReport report = orders.finish(orders.start("shipped:restore-test"));

            expectFailure(report, "OBJECT_DAMAGED");
            StepReport restore = step(report, "restore");
            assertThat(restore.state()).isEqualTo(StepReport.State.FAILED);
            assertThat(restore.detail())
                    .contains(orders.stack().storeFolder().relativize(pack).toString())
                    .containsPattern("(base|global|pg_\\w+)/\\w+");
            expectUntouched();
        } finally {
            flipBit(pack, middle);
        }
    }

    @Test
    void aHostWorkerWithTheWrongKeyDoesNotStartAndNamesTheKeyFile() throws Exception {
        Path key = orders.stack().keyFile();
        Path right = key.resolveSibling("right.key");
        Path wrong = key.resolveSibling("wrong.key");
        orders.host().stop(ProtectedOrders.SOON);
        KeyFile.generate(wrong);
        Files.move(key, right);
        Files.move(wrong, key);
        try {
            assertThatThrownBy(orders::startHost)
                    .isInstanceOf(EmbeddedException.class)
                    .hasMessageContaining("WRONG_KEY")
                    .hasMessageContaining(key.toString())
                    .hasMessageContaining("Hint: ");
            expectUntouched();
        } finally {
            Files.move(right, key, StandardCopyOption.REPLACE_EXISTING);
            orders.startHost();
        }
    }

    @Test
    void aStoreThatIsMissingIsNamedOnceItStaysMissing() throws Exception {
        Path store = orders.stack().storeFolder();
        Path away = store.resolveSibling("store-unmounted");
        Files.move(store, away);
        try {
            // Somebody waits for a recovery's plan; a restore test waits for its store.
            RunReport report = orders.refused(orders.recoverCopy("unmounted", "{latest: true}", ""));

            expectRefusedAtPlanning(report, "STORE_MISSING");
            assertThat(report.summary()).contains(store.toString());
            assertThat(store)
                    .as("nothing grew where the disk should be mounted")
                    .doesNotExist();
        } finally {
            Files.move(away, store);
        }
    }

    @Test
    void aDatabaseThatIsDownCannotBeBackedUpOrTakeItsRowsBack() throws Exception {
        List<Path> objects = backups();
        orders.primary().server().stop(ProtectedOrders.SOON);
        RunReport recovery;
        RunReport backup;
        try {
            recovery = orders.refused(orders.recover(attack));
            backup = orders.refused(orders.start("shipped:backup"));
        } finally {
            orders.primary().server().start(ProtectedOrders.SOON);
        }
        expectRefusedAtPlanning(recovery, "LIVE_UNREACHABLE");
        expectRefusedAtPlanning(backup, "LIVE_UNREACHABLE");
        assertThat(backups()).isEqualTo(objects);
    }

    @Test
    void aTargetBeforeTheFirstBackupIsRefused() throws Exception {
        RunReport report = orders.refused(orders.recoverCopy("too-early", "{time: \"" + beforeTheBackup + "\"}", ""));
        expectRefusedAtPlanning(report, "TARGET_BEFORE_BACKUP");
        assertThat(report.summary()).contains(orders.backup());
    }

    @Test
    void aTargetInTheFutureIsRefused() throws Exception {
        Instant future = Instant.now().plusSeconds(3600);
        RunReport report = orders.refused(orders.recoverCopy("too-late", "{time: \"" + future + "\"}", ""));
        expectRefusedAtPlanning(report, "TARGET_IN_FUTURE");
    }

    @Test
    void aFolderForTheCopyThatIsNotEmptyIsRefused() throws Exception {
        Path folder = Files.createDirectories(orders.stack().copies().resolve("taken"));
        Path somebodysFile = Files.writeString(folder.resolve("notes.txt"), "mine");
        try {
            RunReport report = orders.refused(
                    orders.recoverCopy("taken", "{latest: true}", "  copy: {directory: \"" + folder + "\"}"));

            expectFailure(report, "COPY_PLACE_UNUSABLE");
            assertThat(report.summary()).contains(folder.toString());
            assertThat(somebodysFile).hasContent("mine");
            assertThat(folder).isDirectoryContaining(somebodysFile::equals);
        } finally {
            Files.delete(somebodysFile);
            Files.delete(folder);
        }
        expectUntouched();
    }

    @Test
    void approvalsThatDoNotCountAreRefusedAndTheRunGoesOnWaiting() throws Exception {
        WorkflowStub run = orders.recover(attack);
        RunStatus waiting = orders.waiting(run);
        String plan = there(waiting.planHash());
        String good = token(orders.stack().approver(), waiting, plan);

        expectRefused(run, token(orders.requester(), waiting, plan), "APPROVAL_BY_REQUESTER");
        expectRefused(run, token(orders.stack().approver(), waiting, "0".repeat(64)), "APPROVAL_OTHER_PLAN");
        expectRefused(
                run, token(ApproverKey.generate(Stack.APPROVER, Set.of("approver")), waiting, plan), "APPROVAL_FORGED");
        expectRefused(run, altered(good), "APPROVAL_FORGED");
        expectRefused(run, "nonsense", "APPROVAL_FORGED");
        expectUntouched();

        ApprovalAnswer accepted = present(run, good);
        assertThat(accepted.code()).isEqualTo("ACCEPTED");
        assertThat(accepted.approver()).isEqualTo(Stack.APPROVER);
        ApprovalAnswer twice = present(run, good);
        assertThat(twice.accepted()).isFalse();
        assertThat(twice.code()).isEqualTo("ALREADY_APPROVED");

        RunReport report = orders.finish(run);
        assertThat(report.verdict()).as(report.summary()).isEqualTo(RunReport.Verdict.SUCCEEDED);
        assertThat(there(report.results().returned()).back()).isEqualTo(attack.rows());
        assertThat(report.answers().stream().map(ApprovalAnswer::code))
                .as("each answer is in the report")
                .containsExactly(
                        "APPROVAL_BY_REQUESTER",
                        "APPROVAL_OTHER_PLAN",
                        "APPROVAL_FORGED",
                        "APPROVAL_FORGED",
                        "APPROVAL_FORGED",
                        "ACCEPTED",
                        "ALREADY_APPROVED");
        assertThat(orders.ledger().passed()).as(orders.ledger().line()).isTrue();
    }

    private static String token(ApproverKey key, RunStatus status, String plan) {
        return ApproveCommand.token(key, status, there(status.waiting()), plan);
    }

    /** The signature of one text under another one: the loss that it covers is raised. */
    private static String altered(String token) {
        String[] parts = token.split("\\.", -1);
        String payload = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
        String raised = payload.replace("\"lossCeilingSeconds\":", "\"lossCeilingSeconds\":9");
        assertThat(raised).isNotEqualTo(payload);
        parts[1] = Base64.getUrlEncoder().withoutPadding().encodeToString(raised.getBytes(StandardCharsets.UTF_8));
        return String.join(".", parts);
    }

    private static ApprovalAnswer present(WorkflowStub run, String token) {
        return run.update("approve", ApprovalAnswer.class, token);
    }

    private static void expectRefused(WorkflowStub run, String token, String code) {
        ApprovalAnswer answer = present(run, token);
        assertThat(answer.accepted()).isFalse();
        assertThat(answer.code()).isEqualTo(code);
        assertThat(answer.message()).contains("Hint: ");
        assertThat(run.query("status", RunStatus.class).state()).isEqualTo(RunStatus.State.WAITING_FOR_APPROVAL);
    }

    private void expectRefusedAtPlanning(RunReport report, String code) throws Exception {
        expectFailure(report, code);
        assertThat(report.planHash()).as("there is no plan").isNull();
        assertThat(step(report, PLANNING).state()).isEqualTo(StepReport.State.FAILED);
        expectUntouched();
    }

    private static void expectFailure(RunReport report, String code) {
        assertThat(report.verdict()).as(report.summary()).isEqualTo(RunReport.Verdict.FAILED);
        assertThat(report.summary()).startsWith(code + ": ").contains("Hint: ");
    }

    /** No copy was begun, or it is gone again; the live payments are what they were. */
    private void expectUntouched() throws Exception {
        assertThat(orders.copies()).isEqualTo(copiesBefore);
        assertThat(orders.payments()).isEqualTo(paymentsBefore);
    }

    private static Path largestPack() throws IOException {
        return backups().stream()
                .filter(object -> object.toString().endsWith(".pack"))
                .max(Comparator.comparingLong(object -> object.toFile().length()))
                .orElseThrow();
    }

    /** Objects of backups. The WAL's beside them come and go at any time. */
    private static List<Path> backups() throws IOException {
        try (Stream<Path> files = Files.walk(orders.stack().storeFolder().resolve("src/orders-main/b"))) {
            return files.sorted().toList();
        }
    }

    private static void flipBit(Path file, long position) throws IOException {
        try (RandomAccessFile content = new RandomAccessFile(file.toFile(), "rw")) {
            content.seek(position);
            int value = content.read();
            content.seek(position);
            content.write(value ^ 1);
        }
    }
}

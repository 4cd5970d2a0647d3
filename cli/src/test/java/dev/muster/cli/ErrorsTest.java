package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.workflows.approval.ApproverKey;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.client.WorkflowServiceException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** What an operator does wrong is told in words, with a code and a hint, never as a trace. */
class ErrorsTest {
    private final StringWriter said = new StringWriter();

    @TempDir
    Path folder;

    private int run(Object command, String... arguments) {
        PrintWriter out = new PrintWriter(said);
        return Errors.configure(new CommandLine(command))
                .setOut(out)
                .setErr(out)
                .execute(arguments);
    }

    private void expect(String code) {
        assertThat(said.toString()).contains(code).contains("Hint: ").doesNotContain("\tat ");
    }

    @Test
    void anIdentityIsNeverOverwrittenAndNoneIsHalfMade() throws IOException {
        assertThat(run(new IdentityCommand(), "create", "bob", "--out", folder.toString()))
                .isEqualTo(ExitCode.SUCCESS);
        byte[] key = Files.readAllBytes(folder.resolve("bob.private.jwk"));
        assertThat(run(new IdentityCommand(), "create", "bob", "--out", folder.toString()))
                .isEqualTo(ExitCode.BAD_INPUT);
        expect("FILE_EXISTS");
        assertThat(folder.resolve("bob.private.jwk")).hasBinaryContent(key);

        Files.delete(folder.resolve("bob.private.jwk"));
        assertThat(run(new IdentityCommand(), "create", "bob", "--out", folder.toString()))
                .isEqualTo(ExitCode.BAD_INPUT);
        assertThat(folder.resolve("bob.private.jwk")).doesNotExist();
    }

    @Test
    void approvingWithThePublicHalfNamesTheFileThatItTakes() throws IOException {
        Path file = folder.resolve("bob.jwk");
        ApproverKey.generate("bob", Set.of("approver")).writePublic(file);
        assertThat(run(new ApproveCommand(), "change/orders", "--yes", "--key", file.toString()))
                .isEqualTo(ExitCode.BAD_INPUT);
        expect("bob.private.jwk");
    }

    @Test
    void approvingWithNoKeyFileNamesWhatIsWrong() {
        assertThat(run(new ApproveCommand(), "change/orders", "--key", folder.toString()))
                .isEqualTo(ExitCode.BAD_INPUT);
        expect(folder.toString());
        assertThat(run(
                        new ApproveCommand(),
                        "change/orders",
                        "--key",
                        folder.resolve("none.jwk").toString()))
                .isEqualTo(ExitCode.BAD_INPUT);
        expect("does not exist");
    }

    @Test
    void aRequesterThatCannotBeShownIsRefusedBeforeAnythingIsStarted() throws IOException {
        Path system = Files.writeString(folder.resolve("orders.yaml"), """
                apiVersion: muster/v1
                kind: System
                metadata: {name: orders}
                spec:
                  tier: critical
                  sites: [{name: berlin}]
                  repositories:
                    - {name: primary, site: berlin, store: "file:///srv/store", key: "file:/etc/orders.key"}
                  databases:
                    - name: main
                      site: berlin
                      host: db1
                      repository: primary
                      dataDirectory: /srv/data
                      connection: {host: 127.0.0.1, port: 5432, user: muster, database: orders}
                """);
        for (String requester : new String[] {"", "bob\u001b[2J", "bob\nApproved by carol"}) {
            RunOptions options = new RunOptions();
            Object command = new Asking(options);
            assertThat(run(command, "shipped:backup", "--system", system.toString(), "--requester", requester))
                    .isEqualTo(ExitCode.BAD_INPUT);
            expect("REQUEST_REFUSED");
        }
    }

    @Test
    void aFolderWithoutAnythingToValidateIsNoSuccess() {
        assertThat(run(new RunbookCommand(), "validate", folder.toString())).isEqualTo(ExitCode.BAD_INPUT);
        expect("NOTHING_TO_VALIDATE");
    }

    @Test
    void aRunThatDoesNotAnswerIsNamed() {
        Callable<Integer> asking = new Silent();
        assertThat(run(asking)).isEqualTo(ExitCode.UNREACHABLE);
        expect("RUN_SILENT: The run change/orders does not answer.");
    }

    /** A command that makes its request and goes no further. */
    @Command
    static final class Asking implements Callable<Integer> {
        @CommandLine.Mixin
        private RunOptions options;

        Asking(RunOptions options) {
            this.options = options;
        }

        @Override
        public Integer call() {
            options.request(options.load(), false);
            return ExitCode.SUCCESS;
        }
    }

    @Command
    static final class Silent implements Callable<Integer> {
        @Override
        public Integer call() {
            throw new WorkflowServiceException(
                    WorkflowExecution.newBuilder()
                            .setWorkflowId("change/orders")
                            .build(),
                    "",
                    null);
        }
    }
}

package dev.muster.cli;

import dev.muster.workflows.approval.ApproverKey;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code muster identity}: keys that approvals are signed with. */
@Command(
        name = "identity",
        description = "Makes keys that approvals are signed with.",
        mixinStandardHelpOptions = true,
        subcommands = {IdentityCommand.Create.class, IdentityCommand.CreateIssuer.class, HelpCommand.class})
public final class IdentityCommand {
    /** Makes a key pair. */
    @Command(
            name = "create",
            description = "Makes NAME.private.jwk, which stays with the person, and NAME.jwk for the workers' folder.",
            mixinStandardHelpOptions = true)
    static final class Create implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Parameters(index = "0", paramLabel = "NAME", description = "The person: letters, digits, dot, minus.")
        private String name = "";

        @Option(
                names = "--role",
                paramLabel = "ROLE",
                defaultValue = "approver",
                description = "What the person may do; may be given several times (default: ${DEFAULT-VALUE}).")
        private Set<String> roles = Set.of("approver");

        @Option(
                names = "--out",
                paramLabel = "DIR",
                defaultValue = ".",
                description = "Where to (default: the current folder).")
        private Path folder = Path.of(".");

        @Override
        public Integer call() throws IOException {
            write(spec, folder, name, ApproverKey.generate(name, roles), "keep it: it approves in the name of " + name);
            return ExitCode.SUCCESS;
        }
    }

    /** Makes a key pair for the API. */
    @Command(
            name = "create-issuer",
            description = {
                "Makes a key with which the API signs approvals for the people whose tokens it has checked:",
                "NAME.private.jwk for the API's --keys folder, NAME.jwk for the workers' --approvers folder.",
                "Put the public file in place on every worker first; the newest private one signs."
            },
            mixinStandardHelpOptions = true)
    static final class CreateIssuer implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Parameters(
                index = "0",
                paramLabel = "NAME",
                description = "The key, such as api-2026: letters, digits, dot, minus.")
        private String name = "";

        @Option(
                names = "--out",
                paramLabel = "DIR",
                defaultValue = ".",
                description = "Where to (default: the current folder).")
        private Path folder = Path.of(".");

        @Override
        public Integer call() throws IOException {
            write(
                    spec,
                    folder,
                    name,
                    ApproverKey.generateIssuer(name, Instant.now()),
                    "move it into the API's --keys folder: it approves in anybody's name");
            return ExitCode.SUCCESS;
        }
    }

    private static void write(CommandSpec spec, Path folder, String name, ApproverKey key, String advice)
            throws IOException {
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9.-]{0,62}")) {
            throw new picocli.CommandLine.ParameterException(
                    spec.commandLine(), "A name has letters, digits, dots and minus signs, not '" + name + "'.");
        }
        Files.createDirectories(folder);
        Path privateFile = folder.resolve(name + ".private.jwk");
        Path publicFile = folder.resolve(name + ".jwk");
        if (Files.exists(publicFile)) {
            throw new FileAlreadyExistsException(publicFile.toString());
        }
        key.writePrivate(privateFile);
        key.writePublic(publicFile);
        spec.commandLine().getOut().println(privateFile + "  " + advice);
        spec.commandLine().getOut().println(publicFile + "  copy it into each worker's --approvers folder");
        spec.commandLine().getOut().flush();
    }
}

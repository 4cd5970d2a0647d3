package dev.muster.cli;

import dev.muster.cli.repo.Creation;
import dev.muster.repository.RepositoryException;
import dev.muster.storage.StoreException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code muster repository}: stores that hold backups. */
@Command(
        name = "repository",
        description = "Makes repositories for backups; the older name of 'repo init'.",
        mixinStandardHelpOptions = true,
        subcommands = {RepositoryCommand.Create.class, HelpCommand.class})
public final class RepositoryCommand {
    /** Makes a key file and, with it, a repository in an empty store. */
    @Command(
            name = "create",
            description = {
                "Makes a new key file and, with it, a repository in an empty store.",
                "Keep a copy of the key file apart from the store: without it no backup can be read."
            },
            mixinStandardHelpOptions = true)
    static final class Create implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Option(
                names = "--store",
                required = true,
                paramLabel = "URL",
                description =
                        "file:///absolute/folder, s3://bucket/prefix, azure://account/container or gs://bucket, which must exist.")
        private String store = "";

        @Option(names = "--key", required = true, paramLabel = "FILE", description = "Where the key file is to be.")
        private Path key = Path.of("");

        @Option(
                names = "--if-missing",
                description = "Make only what is missing, and check that key and repository belong together.")
        private boolean ifMissing;

        @Override
        public Integer call() {
            try {
                return told(carryOut());
            } catch (RepositoryException e) {
                return refused(e.code(), String.valueOf(e.getMessage()), e.hint());
            } catch (StoreException e) {
                return refused(e.code(), String.valueOf(e.getMessage()), e.hint());
            }
        }

        private String carryOut() {
            Creation.Made made = Creation.of(store, key, ifMissing);
            return made.made()
                    ? "Made the repository " + made.id() + " in " + store + ". Keep a copy of " + key
                            + " apart from it: without the key no backup can be read."
                    : "The repository " + made.id() + " is there, and " + key + " opens it.";
        }

        private int told(String what) {
            PrintWriter out = spec.commandLine().getOut();
            out.println(what);
            out.flush();
            return ExitCode.SUCCESS;
        }

        private int refused(String code, String message, String hint) {
            PrintWriter err = spec.commandLine().getErr();
            err.println(code + ": " + message + " Hint: " + hint);
            err.flush();
            return ExitCode.FAILED;
        }
    }
}

package dev.muster.cli.repo;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.muster.cli.ExitCode;
import dev.muster.cli.opening.RepoOptions;
import dev.muster.cli.output.Output;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code muster repo init}. */
@Command(
        name = "init",
        description = {
            "Makes a repository in an empty store, and its key file.",
            "With --key: one that a key opens which is there already. Keep a copy of the key file apart from the store:"
                    + " without it no backup can be read."
        },
        mixinStandardHelpOptions = true)
final class InitRepo implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RepoOptions options = new RepoOptions();

    @Option(
            names = "--if-missing",
            description = "Make only what is missing, and check that key and repository belong together.")
    private boolean ifMissing;

    @Override
    public Integer call() {
        Creation.Made made = Creation.of(options.store(), options.keyFile(), options.references(), ifMissing);
        Output output = options.output(spec);
        if (output.json()) {
            output.line(JsonNodeFactory.instance
                    .objectNode()
                    .put("repository", made.id())
                    .put("made", made.made())
                    .toString());
        } else if (made.made()) {
            output.line(
                    "Made the repository " + made.id() + " in " + options.store() + ". "
                            + options.keyFile()
                                    .map(file -> "Keep a copy of " + file
                                            + " apart from it: without the key no backup can be" + " read.")
                                    .orElse(
                                            "Without its key no backup can be read: give a second one a slot (repo keys add)."));
        } else {
            output.line("The repository " + made.id() + " is there, and the key opens it.");
        }
        return ExitCode.SUCCESS;
    }
}

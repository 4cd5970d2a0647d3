package dev.muster.cli.repo;

import dev.muster.cli.output.Format;
import dev.muster.cli.output.Output;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.keys.KeyFile;
import dev.muster.storage.Stores;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Which repository, opened with which key; the same on every verb. */
public final class RepoOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec mixee = CommandSpec.create();

    @Option(
            names = "--store",
            required = true,
            defaultValue = "${env:MUSTER_STORE}",
            paramLabel = "URL",
            description = "The store, such as file:///absolute/folder (default: $MUSTER_STORE).")
    private String store = "";

    @Option(
            names = "--key-file",
            required = true,
            defaultValue = "${env:MUSTER_KEY_FILE}",
            paramLabel = "FILE",
            description = "The key file that opens it (default: $MUSTER_KEY_FILE).")
    private Path keyFile = Path.of("");

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "table",
            converter = Format.Converter.class,
            completionCandidates = Format.Candidates.class,
            description = "table for people, json for scripts (default: ${DEFAULT-VALUE}).")
    private Format format = Format.TABLE;

    String store() {
        return store;
    }

    Path keyFile() {
        return keyFile;
    }

    public Repository open() {
        Repository repository = Repository.open(Stores.open(store), KeyFile.read(keyFile));
        repository.onHidden(object -> alarm(object.problem(repository.store().url())));
        return repository;
    }

    private void alarm(RepositoryException problem) {
        output(mixee).aside("ALARM: " + problem.code() + ": " + problem.getMessage() + " Hint: " + problem.hint());
    }

    public Output output(CommandSpec spec) {
        return new Output(spec, format);
    }
}

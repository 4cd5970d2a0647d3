package dev.muster.cli.opening;

import dev.muster.cli.output.Format;
import dev.muster.cli.output.Output;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.keys.KeyFile;
import dev.muster.repository.keys.RepositoryKeys;
import dev.muster.repository.keys.WrappingKey;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.Stores;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which repository, opened with which keys; the same on every verb of the engine. */
public final class RepoOptions {
    public static final String REFERENCE =
            "file:/path, passphrase:env:NAME, passphrase:file:/path, local-kms:/path or aws-kms:ARN";

    private static final String KEY_VARIABLE = "MUSTER_KEY";
    private static final String FILE_VARIABLE = "MUSTER_KEY_FILE";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec verb = CommandSpec.create();

    @Option(
            names = "--store",
            required = true,
            defaultValue = "${env:MUSTER_STORE}",
            paramLabel = "URL",
            description = "The store, such as file:///absolute/folder (default: $MUSTER_STORE).")
    private String store = "";

    @Option(
            names = "--key-file",
            paramLabel = "FILE",
            description = "A key file that opens it (default: $MUSTER_KEY_FILE, where there is neither --key nor"
                    + " $MUSTER_KEY).")
    private @Nullable Path keyFile;

    @Option(
            names = "--key",
            paramLabel = "KEY",
            description = "What opens it: " + REFERENCE + "; several times (default: $MUSTER_KEY).")
    private List<String> keys = List.of();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "table",
            converter = Format.Converter.class,
            completionCandidates = Format.Candidates.class,
            description = "table for people, json for scripts (default: ${DEFAULT-VALUE}).")
    private Format format = Format.TABLE;

    public String store() {
        return store;
    }

    /** Without opening a repository in it. */
    public ObjectStore openStore() {
        return Stores.open(store);
    }

    /** The key file that is meant, whether it is there or not; empty if only other keys are. */
    public Optional<Path> keyFile() {
        return chosen(System.getenv()).file();
    }

    /** What opens the repository besides the key file, read. */
    public List<WrappingKey> references() {
        return references(chosen(System.getenv()).references());
    }

    public static List<WrappingKey> references(List<String> references) {
        return references.stream().<WrappingKey>map(WrappingKey::of).toList();
    }

    /** All that is to open it, read. */
    public List<WrappingKey> keys() {
        List<WrappingKey> all = new ArrayList<>();
        keyFile().ifPresent(file -> all.add(KeyFile.read(file)));
        all.addAll(references());
        return List.copyOf(all);
    }

    private record Chosen(Optional<Path> file, List<String> references) {}

    /** What was typed counts alone: a variable that was forgotten must not open, or fail to open, anything. */
    private Chosen chosen(Map<String, String> environment) {
        if (keyFile != null || !keys.isEmpty()) {
            return new Chosen(Optional.ofNullable(keyFile), keys);
        }
        String key = environment.getOrDefault(KEY_VARIABLE, "");
        if (!key.isEmpty()) {
            return new Chosen(Optional.empty(), List.of(key));
        }
        String file = environment.getOrDefault(FILE_VARIABLE, "");
        if (file.isEmpty()) {
            throw new ParameterException(
                    verb.commandLine(),
                    "Missing required option: '--key-file=FILE' or '--key=KEY' (or $MUSTER_KEY_FILE or $MUSTER_KEY)");
        }
        return new Chosen(Optional.of(Path.of(file)), List.of());
    }

    public Repository open() {
        List<WrappingKey> with = keys();
        Repository repository = Repository.open(openStore(), with, Clock.systemUTC());
        repository.onHidden(object -> alarm(object.problem(repository.store().url())));
        return repository;
    }

    private void alarm(RepositoryException problem) {
        output(verb).aside("ALARM: " + problem.code() + ": " + problem.getMessage() + " Hint: " + problem.hint());
    }

    /** Its key slots, with the keys that are at hand. */
    public RepositoryKeys openKeys() {
        List<WrappingKey> with = keys();
        return Repository.keys(openStore(), with, Clock.systemUTC());
    }

    public Output output(CommandSpec spec) {
        return new Output(spec, format);
    }
}

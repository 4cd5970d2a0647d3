package dev.muster.cli.keys;

import dev.muster.cli.CliException;
import dev.muster.cli.ExitCode;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.keys.RepositoryKeys;
import dev.muster.repository.keys.WrappingKey;
import dev.muster.storage.StoreException;
import dev.muster.storage.Stores;
import java.time.Clock;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** Which repository, and what opens it. */
final class KeyOptions {
    static final String REFERENCE =
            "file:/path, passphrase:env:NAME, passphrase:file:/path, local-kms:/path or aws-kms:ARN";

    @Option(names = "--store", required = true, paramLabel = "URL", description = "Where the repository is.")
    private String store = "";

    @Option(
            names = "--key",
            required = true,
            paramLabel = "KEY",
            description = "What opens it: " + REFERENCE + ". May be given several times.")
    private List<String> keys = List.of();

    List<WrappingKey> keys() {
        return references(keys);
    }

    /** With the keys that are at hand. */
    RepositoryKeys open() {
        return Repository.keys(Stores.open(store), keys(), Clock.systemUTC());
    }

    static List<WrappingKey> references(List<String> references) {
        return references.stream().map(WrappingKey::of).toList();
    }

    /** Tells the repository's errors as the command line's. */
    static <T> T telling(Supplier<T> action) {
        try {
            return action.get();
        } catch (RepositoryException e) {
            int exit = e.code().equals("KMS_UNREACHABLE") ? ExitCode.UNREACHABLE : ExitCode.FAILED;
            throw new CliException(e.code(), String.valueOf(e.getMessage()), e.hint(), exit, List.of(), e);
        } catch (StoreException e) {
            throw new CliException(e.code(), String.valueOf(e.getMessage()), e.hint(), ExitCode.FAILED, List.of(), e);
        }
    }
}

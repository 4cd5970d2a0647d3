package dev.muster.cli.repo;

import dev.muster.sources.files.FileRules;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What of a tree counts. */
public final class RuleOptions {
    @Option(
            names = "--include",
            paramLabel = "PATTERN",
            description = "In, though a rule for a directory above says otherwise; several times.")
    private List<String> includes = List.of();

    @Option(names = "--exclude", paramLabel = "PATTERN", description = "Out, with all below it; several times.")
    private List<String> excludes = List.of();

    @Option(
            names = "--rules",
            paramLabel = "FILE",
            description = "More rules: lines 'include PATTERN' and 'exclude PATTERN'.")
    private @Nullable Path file;

    @Option(
            names = "--with-secrets",
            description = "Take what looks like a secret, too, such as *.key, id_rsa and .env.")
    private boolean withSecrets;

    boolean given() {
        return !includes.isEmpty() || !excludes.isEmpty() || file != null || withSecrets;
    }

    FileRules rules() {
        FileRules rules = FileRules.of(includes, excludes, withSecrets);
        return file == null ? rules : rules.with(file);
    }
}

package dev.muster.cli.repo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.cli.ExitCode;
import dev.muster.cli.opening.RepoOptions;
import dev.muster.cli.output.Output;
import dev.muster.cli.output.Printable;
import dev.muster.repository.BackupReader;
import dev.muster.repository.Repository;
import dev.muster.sources.diff.BackupDiff;
import dev.muster.sources.diff.Difference;
import dev.muster.sources.diff.TreeDiff;
import dev.muster.sources.restore.RestoreSettings;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code muster repo diff}. */
@Command(
        name = "diff",
        description = {
            "Says what differs between a backup and a directory, or between two backups.",
            "Exits with 0 if nothing does, with 8 if something does."
        },
        mixinStandardHelpOptions = true)
final class DiffRepo implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RepoOptions options = new RepoOptions();

    @Mixin
    private SourceOption source = new SourceOption();

    @Mixin
    private RuleOptions rules = new RuleOptions();

    @ArgGroup(multiplicity = "1")
    private Other other = new Other();

    /** What the backup is compared with. */
    static final class Other {
        @Option(names = "--with", required = true, paramLabel = "DIR", description = "Compare with this directory.")
        @Nullable Path directory;

        @Option(
                names = "--with-backup",
                required = true,
                paramLabel = "ID",
                description = "Compare with this later backup of the same source.")
        @Nullable String backup;
    }

    @Override
    public Integer call() {
        Output output = options.output(spec);
        long[] count = {0};
        Consumer<Difference> each = difference -> {
            count[0]++;
            output.line(output.json() ? json(difference).toString() : line(difference));
        };
        try (Repository repository = options.open()) {
            BackupReader first = repository.backup(source.source(), source.id(repository));
            if (other.directory != null) {
                new TreeDiff(first, other.directory, rules.rules(), RestoreSettings.isRoot(), each).run();
            } else if (other.backup != null) {
                new BackupDiff(first, repository.backup(source.source(), other.backup), each).run();
            }
        }
        if (!output.json()) {
            output.aside(count[0] == 0 ? "Nothing differs." : Amount.count(count[0], "difference.", "differences."));
        }
        return count[0] == 0 ? ExitCode.SUCCESS : ExitCode.DIFFERENT;
    }

    private static String aspects(Difference difference, String between) {
        return difference.aspects().stream()
                .map(aspect -> aspect.name().toLowerCase(Locale.ROOT))
                .sorted()
                .collect(Collectors.joining(between));
    }

    private static String line(Difference difference) {
        String what = switch (difference.side()) {
            case FIRST -> "- " + difference.path();
            case SECOND -> "+ " + difference.path();
            case BOTH -> "~ " + difference.path() + " (" + aspects(difference, ", ") + ")";
        };
        return Printable.line(what);
    }

    private static ObjectNode json(Difference difference) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("path", difference.path())
                .put("side", difference.side().name().toLowerCase(Locale.ROOT));
        ArrayNode aspects = json.putArray("aspects");
        if (!difference.aspects().isEmpty()) {
            for (String aspect : aspects(difference, ",").split(",", -1)) {
                aspects.add(aspect);
            }
        }
        return json;
    }
}

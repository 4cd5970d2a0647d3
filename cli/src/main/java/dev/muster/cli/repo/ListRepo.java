package dev.muster.cli.repo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.cli.ExitCode;
import dev.muster.cli.opening.RepoOptions;
import dev.muster.cli.output.Output;
import dev.muster.cli.output.Table;
import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Repository;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code muster repo list}. */
@Command(name = "list", description = "Lists committed backups, oldest first.", mixinStandardHelpOptions = true)
final class ListRepo implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RepoOptions options = new RepoOptions();

    @Option(names = "--source", paramLabel = "NAME", description = "Only of this source (default: of all).")
    private @Nullable String source;

    @Override
    public Integer call() {
        Output output = options.output(spec);
        List<String> unreadable = new ArrayList<>();
        List<CommittedBackup> backups = new ArrayList<>();
        try (Repository repository = options.open()) {
            for (String name : source == null ? sources(repository) : Set.of(source)) {
                backups.addAll(repository.backups(
                        name,
                        problem -> unreadable.add(
                                problem.code() + ": " + problem.getMessage() + " Hint: " + problem.hint())));
            }
        }
        if (output.json()) {
            output.line(json(backups).toString());
        } else {
            table(output, backups);
        }
        unreadable.forEach(output::aside);
        return unreadable.isEmpty() ? ExitCode.SUCCESS : ExitCode.FAILED;
    }

    /** From the names of the objects: every source has a folder. */
    private static Set<String> sources(Repository repository) {
        Set<String> sources = new TreeSet<>();
        repository.store().list("src/", object -> {
            String[] parts = object.key().split("/", -1);
            if (parts.length == 5 && parts[2].equals("b") && parts[4].equals("COMMIT")) {
                sources.add(parts[1]);
            }
        });
        return sources;
    }

    private static ObjectNode json(List<CommittedBackup> backups) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode all = json.putArray("backups");
        backups.forEach(backup -> all.add(ShowRepo.json(backup)));
        return json;
    }

    private static void table(Output output, List<CommittedBackup> backups) {
        Table table = new Table(
                Table.Column.of("SOURCE").atLeast(8),
                Table.Column.of("BACKUP"),
                Table.Column.of("WHAT").optional(2),
                Table.Column.of("KIND").optional(1),
                Table.Column.of("COMMITTED"),
                Table.Column.of("FILES").toTheRight().optional(3),
                Table.Column.of("SIZE").toTheRight(),
                Table.Column.of("STORED").toTheRight());
        for (CommittedBackup backup : backups) {
            ObjectNode summary = backup.summary();
            table.row(
                    backup.source(),
                    backup.id(),
                    summary.path("what").asText("?"),
                    backup.kind().label(),
                    output.times().withAge(backup.committed()),
                    summary.path("totals").path("files").asText(""),
                    Amount.bytes(summary.path("totals").path("bytes").asLong()),
                    Amount.bytes(summary.path("totals").path("stored").asLong()));
        }
        output.table(table, "There are no committed backups.");
    }
}

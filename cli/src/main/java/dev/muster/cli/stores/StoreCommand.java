package dev.muster.cli.stores;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.cli.ExitCode;
import dev.muster.cli.client.ApiClient;
import dev.muster.cli.output.Format;
import dev.muster.cli.output.Output;
import dev.muster.cli.output.Table;
import dev.muster.storage.Stores;
import dev.muster.storage.check.CheckItem;
import dev.muster.storage.check.CheckReport;
import dev.muster.storage.check.StoreCheck;
import dev.muster.storage.check.Verdict;
import java.time.Clock;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code muster store}: whether a store is one that backups can be trusted to. */
@Command(
        name = "store",
        description = "Checks stores.",
        mixinStandardHelpOptions = true,
        subcommands = {StoreCommand.Check.class, HelpCommand.class})
public final class StoreCommand {
    /** Asks a store to do what a repository needs. */
    @Command(
            name = "check",
            description = {
                "Asks a store to do everything that a repository needs of it, and says what it does not do.",
                "It writes some 70 MB under " + StoreCheck.PREFIX + " and removes them. Safe in a store that is in use."
            },
            mixinStandardHelpOptions = true)
    static final class Check implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Parameters(
                index = "0",
                paramLabel = "URL",
                description =
                        "The store, as systems name it: file:///folder, s3://bucket/prefix?setting=value, azure://, gs://.")
        private String url = "";

        @Option(
                names = {"-o", "--output"},
                paramLabel = "FORMAT",
                defaultValue = "table",
                converter = Format.Converter.class,
                completionCandidates = Format.Candidates.class,
                description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
        private Format format = Format.TABLE;

        @Override
        public Integer call() {
            Output output = new Output(spec, format);
            CheckReport report = new StoreCheck(Stores.open(url), Clock.systemUTC()).run();
            if (output.json()) {
                output.line(document(report).toString());
            } else {
                Table table = new Table(Table.Column.of("WHAT"), Table.Column.of("IS"), Table.Column.of("SEEN"));
                report.items().forEach(item -> table.row(item.name(), word(item.verdict()), item.sentence()));
                output.table(table, "Nothing was looked at.");
            }
            return report.verdict() == Verdict.BAD ? ExitCode.FAILED : ExitCode.SUCCESS;
        }

        private static ObjectNode document(CheckReport report) {
            ObjectNode document = ApiClient.object();
            document.put("store", report.url());
            document.put("verdict", word(report.verdict()));
            for (CheckItem item : report.items()) {
                document.withArray("items")
                        .addObject()
                        .put("name", item.name())
                        .put("verdict", word(item.verdict()))
                        .put("sentence", item.sentence());
            }
            return document;
        }

        private static String word(Verdict verdict) {
            return verdict.name().toLowerCase(Locale.ROOT);
        }
    }
}

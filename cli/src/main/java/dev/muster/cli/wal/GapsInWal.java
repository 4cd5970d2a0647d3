package dev.muster.cli.wal;

import dev.muster.cli.ExitCode;
import dev.muster.cli.opening.RepoOptions;
import dev.muster.cli.output.Output;
import dev.muster.cli.output.Table;
import dev.muster.cli.repo.Amount;
import dev.muster.postgres.wal.WalInventory;
import dev.muster.postgres.wal.WalRange;
import dev.muster.repository.Repository;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code muster wal gaps}. */
@Command(
        name = "gaps",
        description = {
            "Says where the stored WAL of a source is interrupted; exit code 1 if it is.",
            "A backup from before a gap cannot be recovered beyond it."
        },
        mixinStandardHelpOptions = true)
final class GapsInWal implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RepoOptions options = new RepoOptions();

    @Option(names = "--source", required = true, paramLabel = "NAME", description = "Its name in the repository.")
    private String source = "";

    @Override
    public Integer call() {
        WalInventory inventory;
        try (Repository repository = options.open()) {
            inventory = WalInventory.of(repository, source);
        }
        Output output = options.output(spec);
        Table table = new Table(
                Table.Column.of("CLUSTER"),
                Table.Column.of("TIMELINE").toTheRight(),
                Table.Column.of("MISSING FROM"),
                Table.Column.of("TO"),
                Table.Column.of("WAL").toTheRight().optional(1));
        for (WalInventory.Cluster cluster : inventory.clusters()) {
            for (WalRange gap : cluster.gaps()) {
                table.row(
                        cluster.systemId(),
                        Integer.toString(gap.timeline()),
                        gap.from().toString(),
                        gap.to().toString(),
                        Amount.bytes(gap.to().minus(gap.from())));
            }
        }
        if (output.json()) {
            output.line(StatusOfWal.json(inventory).toString());
        } else {
            output.table(
                    table,
                    inventory.clusters().isEmpty()
                            ? "There is no WAL of " + source + "."
                            : "The stored WAL of " + source + " has no gap.");
        }
        return table.isEmpty() ? ExitCode.SUCCESS : ExitCode.FAILED;
    }
}

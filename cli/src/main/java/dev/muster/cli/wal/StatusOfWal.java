package dev.muster.cli.wal;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.cli.CliException;
import dev.muster.cli.ExitCode;
import dev.muster.cli.opening.RepoOptions;
import dev.muster.cli.output.Output;
import dev.muster.cli.output.Table;
import dev.muster.cli.repo.Amount;
import dev.muster.postgres.wal.WalInventory;
import dev.muster.postgres.wal.WalRange;
import dev.muster.repository.Repository;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code muster wal status}. */
@Command(
        name = "status",
        description = {
            "Says what WAL of a source the repository has: from where to where, and how old the newest is.",
            "With --spool also how a spool on this host fares; without --source only that, and needs no repository.",
            "Exit code 1 if nobody serves the spool, or a WAL file is in trouble there."
        },
        mixinStandardHelpOptions = true)
final class StatusOfWal implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RepoOptions options = new RepoOptions();

    @Option(names = "--source", paramLabel = "NAME", description = "Its name in the repository.")
    private @Nullable String source;

    @Option(
            names = "--spool",
            paramLabel = "DIR",
            description = "The folder of 'wal archive --spool', or 'spool' of a copy that a worker recovers.")
    private @Nullable Path spool;

    @Override
    public Integer call() {
        if (source == null && spool == null) {
            throw new CliException(
                    "OPTIONS_REFUSED",
                    "Say whose WAL: --source NAME; or which spool: --spool DIR.",
                    "muster wal status --help says what each option takes.",
                    ExitCode.BAD_INPUT);
        }
        Optional<SpoolStatus> fares = Optional.ofNullable(spool).map(SpoolStatus::of);
        Output output = options.output(spec);
        Optional<WalInventory> stored = Optional.ofNullable(source).map(this::inventory);
        if (output.json()) {
            ObjectNode json = stored.map(StatusOfWal::json).orElseGet(JsonNodeFactory.instance::objectNode);
            fares.ifPresent(one -> json.set("spool", one.json()));
            output.line(json.toString());
        } else {
            stored.ifPresent(inventory -> tell(output, inventory));
            fares.ifPresent(one -> one.tell(output));
        }
        return fares.map(SpoolStatus::isWell).orElse(true) ? ExitCode.SUCCESS : ExitCode.FAILED;
    }

    private WalInventory inventory(String name) {
        try (Repository repository = options.open()) {
            return WalInventory.of(repository, name);
        }
    }

    private static void tell(Output output, WalInventory inventory) {
        Table table = new Table(
                Table.Column.of("CLUSTER"),
                Table.Column.of("TIMELINE").toTheRight(),
                Table.Column.of("FROM"),
                Table.Column.of("TO"),
                Table.Column.of("WAL").toTheRight().optional(1));
        for (WalInventory.Cluster cluster : inventory.clusters()) {
            for (WalRange range : cluster.ranges()) {
                table.row(
                        cluster.systemId(),
                        Integer.toString(range.timeline()),
                        range.from().toString(),
                        range.to().toString(),
                        Amount.bytes(range.to().minus(range.from())));
            }
        }
        output.table(table, "There is no WAL of " + inventory.source() + ".");
        for (WalInventory.Cluster cluster : inventory.clusters()) {
            output.line("Cluster " + cluster.systemId() + ": "
                    + Amount.count(cluster.objects(), "object", "objects") + " with "
                    + Amount.bytes(cluster.storedBytes()) + " stored"
                    + cluster.newest()
                            .map(at -> ", the newest " + output.times().withAge(at))
                            .orElse("")
                    + "; " + Amount.count(cluster.gaps().size(), "gap", "gaps") + ".");
            forks(output, cluster);
            strangers(output, cluster);
        }
    }

    /** Which of several timelines goes on, and from where: WAL of the others beyond that was given up. */
    private static void forks(Output output, WalInventory.Cluster cluster) {
        for (WalInventory.Fork fork : cluster.forks()) {
            long beyond = cluster.ranges().stream()
                    .filter(range -> range.timeline() == fork.from())
                    .mapToLong(range ->
                            Math.max(0, range.to().minus(range.from().isAfter(fork.at()) ? range.from() : fork.at())))
                    .sum();
            output.line("Timeline " + fork.timeline() + " left timeline " + fork.from() + " at " + fork.at()
                    + (beyond == 0
                            ? "."
                            : "; " + Amount.bytes(beyond) + " of timeline " + fork.from() + " after that are on a"
                                    + " branch that leads elsewhere."));
        }
    }

    static void strangers(Output output, WalInventory.Cluster cluster) {
        for (int timeline : cluster.strangers()) {
            String name = String.format("%08X.history", timeline);
            output.line("The history of timeline " + timeline
                    + " is not in the store: no older backup can be recovered to" + " it. " + name
                    + " is in pg_wal of a server on that timeline: archive_command stores it.");
        }
    }

    static ObjectNode json(WalInventory inventory) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("source", inventory.source());
        ArrayNode clusters = json.putArray("clusters");
        for (WalInventory.Cluster cluster : inventory.clusters()) {
            ObjectNode one = clusters.addObject();
            one.put("systemId", cluster.systemId());
            one.put("segmentSize", cluster.segmentSize());
            one.put("objects", cluster.objects());
            one.put("storedBytes", cluster.storedBytes());
            cluster.newest().ifPresent(at -> one.put("newest", at.toString()));
            ArrayNode ranges = one.putArray("ranges");
            cluster.ranges().forEach(range -> json(ranges.addObject(), range));
            ArrayNode gaps = one.putArray("gaps");
            for (WalRange gap : cluster.gaps()) {
                json(gaps.addObject(), gap).put("onTheWayToNewest", cluster.onTheWay(gap));
            }
            ArrayNode forks = one.putArray("forks");
            for (WalInventory.Fork fork : cluster.forks()) {
                forks.addObject()
                        .put("timeline", fork.timeline())
                        .put("from", fork.from())
                        .put("at", fork.at().toString());
            }
            ArrayNode strangers = one.putArray("timelinesWithoutHistory");
            cluster.strangers().forEach(strangers::add);
        }
        return json;
    }

    private static ObjectNode json(ObjectNode into, WalRange range) {
        return into.put("timeline", range.timeline())
                .put("from", range.from().toString())
                .put("to", range.to().toString());
    }
}

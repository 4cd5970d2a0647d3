package dev.muster.runbooks.plan;

import dev.muster.runbooks.ResolvedRunbook;
import dev.muster.runbooks.Runbook;
import dev.muster.runbooks.SystemDescription;
import dev.muster.runbooks.WalPosition;
import dev.muster.runbooks.observation.DatabaseObservation;
import dev.muster.runbooks.observation.DestructiveTransaction;
import dev.muster.runbooks.observation.ExpiryObservation;
import dev.muster.runbooks.observation.Observed;
import dev.muster.runbooks.observation.RepositoryObservation;
import dev.muster.runbooks.yaml.RunbookFiles;
import dev.muster.runbooks.yaml.SourceText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A system, and a state of it to compile plans from. Times are of one morning in UTC. */
final class Examples {
    static final String OLDER = "01KAJ0000000000000000000AA";
    static final String NEWER = "01KAJ0000000000000000000BB";
    static final Instant NOW = Instant.parse("2026-11-21T09:30:00Z");
    static final PlanContext CONTEXT =
            new PlanContext("01KAJ7ZQ5V3M9X2W8R4T6Y0ABC", "kim", "a".repeat(64), "b".repeat(64));
    static final DestructiveTransaction DELETE = destroyed(771, "0/5000100", "2026-11-21T09:21:00Z");

    private Examples() {}

    static SourceText orders() {
        return resource("orders.yaml");
    }

    static SourceText resource(String name) {
        try (var in = Objects.requireNonNull(Examples.class.getResourceAsStream("/dev/muster/runbooks/" + name))) {
            return new SourceText(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static SystemDescription system() {
        return RunbookFiles.read(List.of(orders())).systems().get(0).system();
    }

    /** A runbook of the given fields of spec, one per line. */
    static Runbook runbook(String... spec) {
        String text = "apiVersion: muster/v1\nkind: Runbook\nmetadata: {name: example}\nspec:\n  "
                + String.join("\n  ", spec) + "\n";
        return RunbookFiles.read(List.of(new SourceText("example.yaml", text), orders())).runbooks().stream()
                .map(loaded -> loaded.resolved().runbook())
                .filter(runbook -> runbook.name().equals("example"))
                .findFirst()
                .orElseThrow();
    }

    /** The system orders with a second repository. */
    private static String offsite() {
        return orders().text()
                .split("---")[0]
                .replace(
                        "  databases:",
                        "    - {name: offsite, site: berlin, store: \"file:///mnt/offsite\", key: \"file:/etc/muster/orders.key\"}\n"
                                + "  databases:");
    }

    /** What an expiry finds: one goes, one was being made long ago. */
    static ExpiryObservation expiry(String... going) {
        return new ExpiryObservation(
                Stream.of(going)
                        .map(id -> new ExpiryObservation.Going(
                                id,
                                "full",
                                Instant.parse("2026-10-01T02:00:30Z"),
                                "no rule wants it",
                                600_000_000L,
                                1_000_000L))
                        .toList(),
                List.of(new ExpiryObservation.Cleaned("01KAJ0000000000000000000DD", "DEAD", 2_000_000L)),
                List.of(new ExpiryObservation.Staying(
                        NEWER, "full", Instant.parse("2026-11-21T02:00:30Z"), "NEWEST, WITHIN, WINDOW")),
                0,
                List.of());
    }

    static ResolvedRunbook shipped(String name) {
        String system = name.equals("replicate") ? offsite() : orders().text().split("---")[0];
        return RunbookFiles.read(List.of(RunbookFiles.source("shipped:" + name), new SourceText("orders.yaml", system)))
                .only()
                .resolved();
    }

    static Plan compileShipped(String name, Observed observed) {
        ResolvedRunbook resolved = shipped(name);
        return PlanCompiler.compile(resolved.runbook(), resolved.system(), observed, CONTEXT);
    }

    static Plan compile(Observed observed, String... spec) {
        return PlanCompiler.compile(runbook(spec), system(), observed, CONTEXT);
    }

    static DestructiveTransaction destroyed(long xid, String commitStart, String time) {
        WalPosition start = WalPosition.parse(commitStart);
        return new DestructiveTransaction(
                xid,
                1,
                start,
                new WalPosition(start.value() + 0x40),
                Instant.parse(time),
                List.of(
                        new DestructiveTransaction.Relation("public.payments", 12_480),
                        new DestructiveTransaction.Relation("public.refunds", 17)));
    }

    static State state() {
        return new State();
    }

    /** The state that is observed, to be changed test by test. */
    static final class State {
        DatabaseObservation.@Nullable Live live = live();
        String unreachableBecause = "";
        DatabaseObservation.@Nullable CopySpace space =
                new DatabaseObservation.CopySpace("/var/lib/muster/copies/run", 50_000_000_000L, "");
        List<RepositoryObservation.Backup> backups = new ArrayList<>(List.of(
                backup(OLDER, 1, "0/2000028", "0/2000100", "2026-11-20T02:00:00Z"),
                backup(NEWER, 1, "0/4000028", "0/4000100", "2026-11-21T02:00:00Z")));
        List<RepositoryObservation.WalRange> wal = new ArrayList<>(List.of(range(1, "0/1000000", "0/6000000")));
        List<RepositoryObservation.TimelineSwitch> timelines = new ArrayList<>();

        @Nullable Instant walEndTime = Instant.parse("2026-11-21T09:29:58Z");

        List<DestructiveTransaction> destructive = new ArrayList<>(List.of(DELETE));

        @Nullable WalPosition targetPosition;

        @Nullable Long restoreBytesPerSecond;

        @Nullable Long replayBytesPerSecond;

        @Nullable ExpiryObservation expiry;

        static DatabaseObservation.Live live() {
            return new DatabaseObservation.Live(
                    180006, "7512345678901234567", 1, WalPosition.parse("0/6000200"), 2_000_000_000L, true, false);
        }

        Observed observed() {
            return new Observed(
                    new DatabaseObservation(NOW, live, unreachableBecause, space),
                    new RepositoryObservation(
                            NOW.minusSeconds(1),
                            backups,
                            wal,
                            timelines,
                            walEndTime,
                            destructive,
                            targetPosition,
                            restoreBytesPerSecond,
                            replayBytesPerSecond,
                            expiry));
        }
    }

    static RepositoryObservation.WalRange range(int timeline, String from, String to) {
        return new RepositoryObservation.WalRange(timeline, WalPosition.parse(from), WalPosition.parse(to));
    }

    static RepositoryObservation.Backup backup(String id, int timeline, String start, String stop, String time) {
        return new RepositoryObservation.Backup(
                id,
                "full",
                "7512345678901234567",
                180006,
                timeline,
                WalPosition.parse(start),
                WalPosition.parse(stop),
                Instant.parse(time),
                Instant.parse(time).plusSeconds(30),
                1_900_000_000L);
    }
}

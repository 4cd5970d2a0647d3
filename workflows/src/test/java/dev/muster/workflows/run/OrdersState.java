package dev.muster.workflows.run;

import dev.muster.runbooks.WalPosition;
import dev.muster.runbooks.observation.DatabaseObservation;
import dev.muster.runbooks.observation.DestructiveTransaction;
import dev.muster.runbooks.observation.ExpiryObservation;
import dev.muster.runbooks.observation.RepositoryObservation;
import java.time.Instant;
import java.util.List;

/** What is observed of the system orders: a fault at 09:21, a backup before it, WAL beyond it. */
final class OrdersState {
    /** A backup that no rule keeps. */
    static final String OLD = "01KAJ0000000000000000000AA";

    static final Instant NOW = Instant.parse("2026-11-21T09:30:00Z");
    private static final String CLUSTER = "7512345678901234567";
    private static final int VERSION = 180006;

    /** Of the copy's disk; below 2.4 GB no plan can be made. */
    volatile long freeBytes = 50_000_000_000L;

    /** More than one, and the last good point is another than was planned. */
    volatile int deletes = 1;

    DatabaseObservation database() {
        return new DatabaseObservation(
                NOW,
                new DatabaseObservation.Live(
                        VERSION, CLUSTER, 1, WalPosition.parse("0/6000200"), 2_000_000_000L, true, false),
                "",
                new DatabaseObservation.CopySpace("/var/lib/muster/copies/run", freeBytes, ""));
    }

    RepositoryObservation repository() {
        return new RepositoryObservation(
                NOW.minusSeconds(1),
                List.of(new RepositoryObservation.Backup(
                        "01KAJ0000000000000000000BB",
                        "full",
                        CLUSTER,
                        VERSION,
                        1,
                        WalPosition.parse("0/4000028"),
                        WalPosition.parse("0/4000100"),
                        Instant.parse("2026-11-21T02:00:00Z"),
                        Instant.parse("2026-11-21T02:00:30Z"),
                        1_900_000_000L)),
                List.of(new RepositoryObservation.WalRange(
                        1, WalPosition.parse("0/1000000"), WalPosition.parse("0/6000000"))),
                List.of(),
                NOW.minusSeconds(2),
                List.of(delete()),
                null,
                null,
                null,
                new ExpiryObservation(
                        List.of(new ExpiryObservation.Going(
                                OLD,
                                "full",
                                Instant.parse("2026-10-01T02:00:30Z"),
                                "no rule wants it",
                                600_000_000L,
                                0)),
                        List.of(),
                        List.of(),
                        0,
                        List.of()));
    }

    /** The newest; an earlier one is taken to be repaired. */
    private DestructiveTransaction delete() {
        int later = deletes - 1;
        WalPosition commit = new WalPosition(WalPosition.parse("0/5000100").value() + later * 0x1000L);
        return new DestructiveTransaction(
                771 + later,
                1,
                commit,
                new WalPosition(commit.value() + 0x40),
                Instant.parse("2026-11-21T09:21:00Z").plusSeconds(later),
                List.of(new DestructiveTransaction.Relation("public.payments", 12_480)));
    }
}

package dev.muster.activities.authority;

import dev.muster.runbooks.ResolvedRunbook;
import dev.muster.runbooks.Scenario;
import dev.muster.runbooks.WalPosition;
import dev.muster.runbooks.observation.DatabaseObservation;
import dev.muster.runbooks.observation.DestructiveTransaction;
import dev.muster.runbooks.observation.ExpiryObservation;
import dev.muster.runbooks.observation.Observed;
import dev.muster.runbooks.observation.RepositoryObservation;
import dev.muster.runbooks.plan.PlanCompiler;
import dev.muster.runbooks.plan.PlanContext;
import dev.muster.runbooks.plan.StoredPlan;
import dev.muster.runbooks.yaml.RunbookFiles;
import dev.muster.runbooks.yaml.SourceText;
import dev.muster.workflows.planning.PlanDocument;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/** Plans of the system orders by the real compiler from shipped runbooks. */
public final class OrdersPlans {
    static final Instant NOW = Instant.parse("2026-11-21T09:30:00Z");
    private static final String CLUSTER = "7512345678901234567";
    private static final int VERSION = 180006;

    private OrdersPlans() {}

    public static PlanDocument of(Scenario scenario, String runId, String requester) {
        return of(RunbookFiles.source("shipped:" + scenario.id()).text(), runId, requester);
    }

    static PlanDocument of(String runbook, String runId, String requester) {
        ResolvedRunbook resolved = RunbookFiles.read(
                        List.of(new SourceText("runbook.yaml", runbook), new SourceText("orders.yaml", orders())))
                .only()
                .resolved();
        return document(StoredPlan.of(PlanCompiler.compile(
                        resolved.runbook(),
                        resolved.system(),
                        observed(),
                        new PlanContext(runId, requester, "a".repeat(64), "b".repeat(64))))
                .json());
    }

    /** With the hash that fits the bytes, as somebody would send it who makes plans of his own. */
    static PlanDocument document(String json) {
        return new PlanDocument(json, StoredPlan.hash(json.getBytes(StandardCharsets.UTF_8)));
    }

    private static String orders() {
        try (var in =
                Objects.requireNonNull(OrdersPlans.class.getResourceAsStream("/dev/muster/activities/orders.yaml"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Observed observed() {
        return new Observed(
                new DatabaseObservation(
                        NOW,
                        new DatabaseObservation.Live(
                                VERSION, CLUSTER, 1, WalPosition.parse("0/6000200"), 2_000_000_000L, true, false),
                        "",
                        new DatabaseObservation.CopySpace("/var/lib/muster/copies/run", 50_000_000_000L, "")),
                new RepositoryObservation(
                        NOW,
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
                        List.of(new DestructiveTransaction(
                                771,
                                1,
                                WalPosition.parse("0/5000100"),
                                WalPosition.parse("0/5000140"),
                                Instant.parse("2026-11-21T09:21:00Z"),
                                List.of(new DestructiveTransaction.Relation("public.payments", 12_480)))),
                        null,
                        null,
                        null,
                        new ExpiryObservation(List.of(), List.of(), List.of(), 0, List.of())));
    }
}

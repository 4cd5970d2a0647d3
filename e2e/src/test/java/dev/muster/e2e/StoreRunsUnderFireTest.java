package dev.muster.e2e;

import static dev.muster.e2e.ProtectedOrders.there;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.embedded.stack.TemporalChoice;
import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Repository;
import dev.muster.repository.keys.KeyFile;
import dev.muster.storage.Stores;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.stores.ReplicatedStore;
import io.temporal.client.WorkflowStub;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Temporal server, catalogue, control worker and host worker are killed by kill -9 at random moments of the runs that make
 * backups and care for them. {@code -Dmuster.fire.kills=60} for a long fire, {@code -Dmuster.fire.seed=N} to draw the same
 * one again.
 */
@NeedsTemporal
class StoreRunsUnderFireTest {
    private static final int KILLS = Integer.getInteger("muster.fire.kills", 6);
    private static final long SEED = Long.getLong("muster.fire.seed", System.currentTimeMillis());
    private static final String SOURCE = "orders-main";

    private static final String EXPIRE = """
            apiVersion: muster/v1
            kind: Runbook
            metadata: {name: only-the-newest}
            spec:
              scenario: expire
              policy: {last: 2, window: 1h}
              approval: {role: approver, expires: 30m}
            """;

    /** In the order of a day. */
    private enum Work {
        FULL,
        INCREMENT,
        REPLICATE,
        VERIFY,
        EXPIRE
    }

    private final Map<Work, Duration> usual = new EnumMap<>(Work.class);

    @Test
    @Timeout(value = 4, unit = TimeUnit.HOURS)
    @DisplayName("Engine 1: runs that make, copy, verify and expire backups end with the result of undisturbed ones,"
            + " whatever is killed whenever")
    void eachRunEndsAsIfNothingHadHappened() throws Exception {
        Random random = new Random(SEED);
        try (ProtectedOrders orders = ProtectedOrders.withTrafficAndCatalog(TemporalChoice.SERVER)) {
            for (Work work : Work.values()) {
                run(orders, work, null, 0);
            }
            Fire.Lot lot = new Fire.Lot(random, victims(orders));
            int kills = 0;
            while (kills < KILLS) {
                for (Work work : Work.values()) {
                    kills += run(orders, work, lot, KILLS);
                }
            }
            RunReport proof = orders.finish(orders.start("shipped:restore-test"));
            assertThat(proof.verdict()).as("seed %d: %s", SEED, proof.summary()).isEqualTo(RunReport.Verdict.SUCCEEDED);
        }
    }

    private static List<Fire.Victim> victims(ProtectedOrders orders) {
        return List.of(
                new Fire.Victim(
                        "Temporal server",
                        () -> orders.temporal().kill(),
                        () -> orders.temporal().restart()),
                new Fire.Victim(
                        "catalogue",
                        () -> orders.catalog().kill(),
                        () -> orders.catalog().start()),
                new Fire.Victim("control worker", () -> orders.control().kill(), orders::startControl),
                new Fire.Victim("host worker", () -> orders.host().kill(), orders::startHost));
    }

    /** @return how often something was killed meanwhile */
    private int run(ProtectedOrders orders, Work work, Fire.@Nullable Lot lot, int most) throws Exception {
        List<String> before = backups(orders, orders.stack().storeFolder());
        WorkflowStub run = start(orders, work);
        Instant begun = Instant.now();
        if (lot == null) {
            RunReport report = orders.finish(run);
            usual.put(work, Duration.between(begun, Instant.now()));
            expect(orders, work, report, before, "undisturbed");
            return 0;
        }
        AtomicReference<@Nullable RuntimeException> broken = new AtomicReference<>();
        try (Fire fire = Fire.begin(lot, most, there(usual.get(work)), broken::set)) {
            RunReport report = orders.finish(run);
            List<Fire.Kill> kills = fire.end();
            assertThat(broken.get()).as("what was killed starts again").isNull();
            expect(orders, work, report, before, "seed " + SEED + ", " + kills);
            return kills.size();
        }
    }

    private static WorkflowStub start(ProtectedOrders orders, Work work) throws Exception {
        return switch (work) {
            case FULL -> orders.start("shipped:backup");
            case INCREMENT -> orders.start("shipped:backup-incremental");
            case REPLICATE -> orders.start("shipped:replicate");
            case VERIFY -> orders.start("shipped:verify");
            case EXPIRE -> {
                WorkflowStub run = orders.start("only-the-newest", EXPIRE);
                orders.approve(run, orders.waiting(run));
                yield run;
            }
        };
    }

    private static void expect(ProtectedOrders orders, Work work, RunReport report, List<String> before, String what) {
        assertThat(report.verdict())
                .as("%s, %s: %s", work, what, report.summary())
                .isEqualTo(RunReport.Verdict.SUCCEEDED);
        List<String> after = backups(orders, orders.stack().storeFolder());
        switch (work) {
            case FULL, INCREMENT -> {
                List<String> expected = new ArrayList<>(before);
                expected.add(there(report.results().backup()).backup());
                assertThat(after).as("%s: one backup, once", what).containsExactlyInAnyOrderElementsOf(expected);
            }
            case REPLICATE -> {
                List<ReplicatedStore> replicated = there(report.results().replicated());
                assertThat(replicated)
                        .allSatisfy(one -> assertThat(one.problemCount()).isZero());
                assertThat(backups(orders, orders.stack().offsiteFolder()))
                        .as(what)
                        .containsAll(before);
            }
            case VERIFY ->
                assertThat(there(report.results().verified()).problems())
                        .as(what)
                        .isZero();
            case EXPIRE ->
                assertThat(there(report.results().expired()).expired())
                        .as("%s: the report tells what went", what)
                        .containsExactlyInAnyOrderElementsOf(before.stream()
                                .filter(id -> !after.contains(id))
                                .toList());
        }
    }

    private static List<String> backups(ProtectedOrders orders, Path store) {
        try (Repository repository = Repository.open(
                Stores.open("file://" + store), KeyFile.read(orders.stack().keyFile()))) {
            return repository.backups(SOURCE).stream().map(CommittedBackup::id).toList();
        }
    }
}

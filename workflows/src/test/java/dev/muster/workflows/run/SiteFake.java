package dev.muster.workflows.run;

import dev.muster.runbooks.observation.RepositoryObservation;
import dev.muster.workflows.authority.AdmissionActivities;
import dev.muster.workflows.authority.Authority;
import dev.muster.workflows.planning.PlanDocument;
import dev.muster.workflows.planning.RepositoryObserver;
import dev.muster.workflows.recording.CopiesObservation;
import dev.muster.workflows.recording.CopiesObserver;
import dev.muster.workflows.recording.CopiesQuestion;
import dev.muster.workflows.stores.BackupFinding;
import dev.muster.workflows.stores.ExpiredStore;
import dev.muster.workflows.stores.ReplicatedStore;
import dev.muster.workflows.stores.StoreActivities;
import dev.muster.workflows.stores.StoreProblem;
import dev.muster.workflows.stores.VerifiedStore;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The site berlin without a store. */
final class SiteFake implements RepositoryObserver, CopiesObserver, AdmissionActivities, StoreActivities {
    static final String STORE = "file:///var/lib/muster/store";

    private final Calls calls;
    private final OrdersState state;

    /** Every authority that a step showed. */
    final Set<Authority> authorities = ConcurrentHashMap.newKeySet();

    /** What a look finds. */
    volatile List<StoreProblem> problems = List.of();

    SiteFake(Calls calls, OrdersState state) {
        this.calls = calls;
        this.state = state;
    }

    private void made(String activity, Authority authority) {
        authorities.add(authority);
        calls.made(activity);
    }

    @Override
    public RepositoryObservation observeRepository(RunRequest request) {
        calls.made("ObserveRepository");
        return state.repository();
    }

    @Override
    public CopiesObservation observeCopies(CopiesQuestion question) {
        calls.made("ObserveCopies " + question.repository());
        return new CopiesObservation(
                CopiesObservation.SCHEMA,
                question.system(),
                question.database(),
                question.repository(),
                "file:///mnt/" + question.repository(),
                state.repository().observedAt(),
                true,
                state.repository().backups().stream()
                        .map(backup -> new CopiesObservation.Copy(
                                backup,
                                backup.stopTime(),
                                List.of(),
                                question.thorough() ? finding() : null,
                                question.thorough() ? OrdersState.NOW : null))
                        .toList(),
                List.of());
    }

    @Override
    public String admit(Authority authority, PlanDocument plan) {
        made("site:AdmitRun", authority);
        return authority.approval() == null ? "" : "alice";
    }

    @Override
    public VerifiedStore verifyStore(Authority authority, PlanDocument plan) {
        made("VerifyStore", authority);
        return new VerifiedStore(
                "primary",
                STORE,
                List.of(new VerifiedStore.Level(
                        "indexes",
                        true,
                        1,
                        1_200,
                        40,
                        600_000_000L,
                        problems.size(),
                        problems,
                        null,
                        List.of(finding()))),
                12,
                OrdersState.NOW);
    }

    private BackupFinding finding() {
        return problems.isEmpty()
                ? new BackupFinding("01KAJ0000000000000000000BB", 0, null, null, null)
                : new BackupFinding(
                        "01KAJ0000000000000000000BB",
                        problems.size(),
                        problems.get(0).code(),
                        problems.get(0).object(),
                        null);
    }

    @Override
    public ReplicatedStore replicateStore(Authority authority, PlanDocument plan, String stepId) {
        made("ReplicateStore " + stepId, authority);
        String to = stepId.substring("replicate-".length());
        return new ReplicatedStore(
                to,
                "file:///mnt/" + to,
                40,
                600_000_000L,
                1,
                0,
                0,
                0,
                problems.size(),
                problems,
                List.of(new ReplicatedStore.Lag(
                        "orders-main",
                        "01KAJ0000000000000000000BB",
                        "01KAJ0000000000000000000BB",
                        0,
                        "000000010000000000000006",
                        "000000010000000000000006",
                        0,
                        0,
                        0)),
                12,
                List.of(finding()),
                OrdersState.NOW);
    }

    @Override
    public ExpiredStore expireStore(Authority authority, PlanDocument plan) {
        made("ExpireStore", authority);
        return new ExpiredStore(
                "primary",
                STORE,
                List.of(OrdersState.OLD),
                List.of(),
                List.of(),
                20,
                0,
                List.of(),
                0,
                12,
                190_000_000L,
                List.of(),
                3);
    }
}

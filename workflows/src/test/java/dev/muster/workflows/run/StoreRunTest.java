package dev.muster.workflows.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.runbooks.Scenario;
import dev.muster.workflows.FailureType;
import dev.muster.workflows.authority.Authority;
import dev.muster.workflows.recording.CopiesObservation;
import dev.muster.workflows.stores.ReplicatedStore;
import dev.muster.workflows.stores.StoreProblem;
import io.temporal.client.WorkflowStub;
import io.temporal.failure.ApplicationFailure;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs that care for stored backups, against a site without a store. */
class StoreRunTest {
    static final String EXPIRE_BY_DBA = """
            apiVersion: muster/v1
            kind: Runbook
            metadata: {name: careful}
            spec:
              scenario: expire
              policy: {daily: 7}
              approval: {role: approver, expires: 30m}
            """;

    private RunWorld world = RunWorld.startWithoutHost();

    @AfterEach
    void end() {
        world.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"VERIFY", "REPLICATE", "EXPIRE"})
    @DisplayName("Stored backups are cared for while the database's host is gone for good")
    void theHostIsNotAsked(Scenario scenario) {
        RunReport report = world.result(world.run(scenario));
        assertThat(report.verdict()).isEqualTo(RunReport.Verdict.SUCCEEDED);
        assertThat(report.steps()).extracting(StepReport::where).containsOnly("control", "site-berlin");
        assertThat(world.calls.count("ObserveDatabase")).isZero();
        assertThat(world.calls.count("control:ClaimEpoch")).isZero();
        assertThat(world.site.authorities).extracting(Authority::epoch).containsOnly(0L);
    }

    @Test
    void whatWasDoneStandsInTheReport() {
        assertThat(Objects.requireNonNull(world.result(world.run(Scenario.EXPIRE))
                                .results()
                                .expired())
                        .expired())
                .containsExactly(OrdersState.OLD);
    }

    @Test
    void aLookThatFindsDamageFailsAndItsFindingsStandInTheReport() {
        world.site.problems =
                List.of(new StoreProblem("OBJECT_DAMAGED", "src/orders-main/b/x/p-1.pack", "base/1", "rot"));
        WorkflowStub run = world.run(Scenario.VERIFY);
        ApplicationFailure failure = world.failure(run);
        assertThat(failure.getType()).isEqualTo(FailureType.CHECK_FAILED.name());
        assertThat(failure.getOriginalMessage()).contains("VERIFY_FOUND_PROBLEMS", "OBJECT_DAMAGED", "p-1.pack");
        RunReport report = failure.getDetails().get(RunReport.class);
        assertThat(Objects.requireNonNull(report.results().verified()).problems())
                .isEqualTo(1);
        assertThat(report.verdict()).isEqualTo(RunReport.Verdict.FAILED);
    }

    @Test
    void aReplicationThatCouldNotCopySomethingFails() {
        world.site.problems =
                List.of(new StoreProblem("REPLICA_DIFFERS", "src/orders-main/b/x/p-1.pack", null, "other"));
        assertThat(world.failure(world.run(Scenario.REPLICATE)).getOriginalMessage())
                .contains("REPLICA_INCOMPLETE", "REPLICA_DIFFERS");
    }

    @Test
    void aRepositoryThatTakesNothingHoldsUpNoOtherAndFailsTheRun() {
        world.calls.fail(
                "ReplicateStore replicate-offsite",
                ApplicationFailure.newNonRetryableFailure("STORE_FULL: full", FailureType.REFUSED.name()));
        ApplicationFailure failure = world.failure(world.run(Scenario.REPLICATE));
        assertThat(failure.getOriginalMessage()).contains("STORE_FULL");
        RunReport report = failure.getDetails().get(RunReport.class);
        assertThat(report.results().replicated())
                .extracting(ReplicatedStore::to)
                .containsExactly("archive");
        assertThat(report.steps().stream().filter(step -> step.id().startsWith("replicate-")))
                .extracting(StepReport::state)
                .containsExactlyInAnyOrder(StepReport.State.FAILED, StepReport.State.DONE);
    }

    @Test
    void anExpiryWhoseRunbookAsksForAnApprovalWaitsForItAndShowsItToTheSite() {
        WorkflowStub run =
                world.starter.start(Scenario.EXPIRE, "orders", RunWorld.request(RunWorld.RUN, false, EXPIRE_BY_DBA));
        assertThat(world.approve(run).accepted()).isTrue();
        assertThat(world.result(run).verdict()).isEqualTo(RunReport.Verdict.SUCCEEDED);
        assertThat(world.site.authorities)
                .allSatisfy(authority -> assertThat(authority.approval()).isNotBlank());
    }

    @Test
    void anExpiryThatNobodyApprovesDeletesNothing() {
        WorkflowStub run =
                world.starter.start(Scenario.EXPIRE, "orders", RunWorld.request(RunWorld.RUN, false, EXPIRE_BY_DBA));
        assertThat(world.result(run).verdict()).isEqualTo(RunReport.Verdict.NOT_APPROVED);
        assertThat(world.calls.count("ExpireStore")).isZero();
    }

    @Test
    void aDryRunShowsWhatWouldGoAndDeletesNothing() {
        WorkflowStub run =
                world.starter.start(Scenario.EXPIRE, "orders", RunWorld.request(Scenario.EXPIRE, RunWorld.RUN, true));
        assertThat(world.result(run).verdict()).isEqualTo(RunReport.Verdict.PLANNED);
        assertThat(world.handle(run).plan()).contains(OrdersState.OLD);
        assertThat(world.calls.count("site:AdmitRun")).isZero();
    }

    @Test
    void theIndexIsRefreshedAfterWhateverChangedAStore() {
        world.close();
        world = RunWorld.startRecorded();
        world.result(world.run(Scenario.EXPIRE));
        world.recorder(RunWorld.RUN).getResult(Void.class);
        assertThat(world.calls.count("catalog:StoreIndex")).isEqualTo(1);
    }

    @Test
    void whereAReplicationThatFailedHasCopiedToIsLookedInto() {
        world.close();
        world = RunWorld.startRecorded();
        world.calls.fail(
                "ReplicateStore replicate-offsite",
                ApplicationFailure.newNonRetryableFailure("STORE_FULL: full", FailureType.REFUSED.name()));
        world.failure(world.run(Scenario.REPLICATE));
        world.recorder(RunWorld.RUN).getResult(Void.class);
        assertThat(world.catalog.copies)
                .extracting(CopiesObservation::repository)
                .contains("offsite", "archive");
    }
}

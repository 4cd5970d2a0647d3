package dev.muster.e2e;

import static dev.muster.e2e.ProtectedOrders.eventually;
import static dev.muster.e2e.ProtectedOrders.there;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.catalog.ApprovalRecord;
import dev.muster.catalog.Catalog;
import dev.muster.catalog.Role;
import dev.muster.catalog.RunRecord;
import dev.muster.catalog.StepRecord;
import dev.muster.embedded.process.Teardown;
import dev.muster.embedded.stack.RunningApi;
import dev.muster.embedded.stack.Stack;
import dev.muster.embedded.stack.TemporalChoice;
import dev.muster.workflows.run.ApprovalAnswer;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.StepReport;
import io.temporal.api.common.v1.Payload;
import io.temporal.client.WorkflowStub;
import io.temporal.common.converter.DefaultDataConverter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The orders database with its customers, a real Temporal server, the catalogue, both workers and the API, each a process
 * that can be killed and started again; and two people who know the API only.
 */
final class OrdersBehindApi implements AutoCloseable {
    /** The recorder tries again after at most 15 seconds; the rest is for a machine that does much else. */
    private static final Duration RECORDED = Duration.ofMinutes(2);

    final ProtectedOrders orders;
    final Catalog catalog;
    /** Who starts runs. */
    final ApiUser operator;
    /** Who approves them. */
    final ApiUser approver;

    private final Teardown teardown = Teardown.onExit();
    private volatile RunningApi api;

    OrdersBehindApi() throws Exception {
        try {
            orders = ProtectedOrders.withTrafficAndCatalog(TemporalChoice.SERVER);
            teardown.add("orders", orders::close);
            catalog = Catalog.open(orders.catalog().settings());
            teardown.add("the connections to the catalogue", catalog::close);
            api = orders.stack().startApi(0);
            operator = person(Stack.REQUESTER, Role.OPERATOR);
            approver = person(Stack.APPROVER, Role.APPROVER);
            operator.putSystem(Stack.SYSTEM, Files.readString(orders.stack().systemFile()));
        } catch (Exception | AssertionError e) {
            teardown.close();
            throw e;
        }
    }

    private ApiUser person(String name, Role role) {
        return new ApiUser(
                this::uri, catalog.tokens().create(name, Set.of(role), null).bearer());
    }

    URI uri() {
        return api.api();
    }

    void killApi() {
        api.process().kill();
    }

    /** In the place of the one that was killed, where everybody looks for it. */
    void startApi() {
        startApi(uri().getPort());
    }

    /** Another instance, which everybody turns to from now on. */
    void startOtherApi() {
        startApi(0);
    }

    private void startApi(int port) {
        try {
            api = orders.stack().startApi(port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The workflow of a run, for looking at it past the API. */
    WorkflowStub workflow(String workflowId) {
        return orders.stack().temporal().client().newUntypedWorkflowStub(workflowId);
    }

    /** How many workflows of a scenario there have been, by Temporal's own list. */
    long workflows(String type) {
        return orders.stack()
                .temporal()
                .client()
                .listExecutions("WorkflowType = '" + type + "'")
                .count();
    }

    /** The record comes, within a bound, and is what the run itself reported. */
    void expectRecorded(RunReport report) {
        RunRecord record = eventually("the record of " + report.runId() + " is complete")
                .atMost(RECORDED)
                .ignoreExceptions()
                .until(() -> catalog.runs().find(report.runId()).orElseThrow(), found -> found.ended() != null);
        assertThat(record)
                .returns(report.workflowId(), RunRecord::workflowId)
                .returns(report.system(), RunRecord::system)
                .returns(report.scenario(), RunRecord::scenario)
                .returns(report.requester(), RunRecord::requester)
                .returns("FINISHED", RunRecord::state)
                .returns(report.verdict().name(), RunRecord::verdict)
                .returns(report.summary(), RunRecord::summary)
                .returns(report.planHash(), RunRecord::planHash)
                .returns(kept(report.started()), RunRecord::started)
                .returns(kept(report.ended()), RunRecord::ended);
        assertThat(reported(there(record.reportJson()))).isEqualTo(report);
        assertThat(catalog.runs().steps(report.runId())).isEqualTo(steps(report.steps()));
        assertThat(catalog.runs().approvals(report.runId())).isEqualTo(approvals(report.answers()));
        assertThat(catalog.documents().find(there(record.runbookHash()))).isPresent();
        assertThat(catalog.documents().find(there(record.planHash()))).isPresent();
    }

    /** PostgreSQL's times end with microseconds. */
    private static Instant kept(Instant time) {
        return time.truncatedTo(ChronoUnit.MICROS);
    }

    private static @Nullable Instant ended(StepReport step) {
        return step.ended() == null ? null : kept(step.ended());
    }

    private static RunReport reported(String json) {
        Payload empty = DefaultDataConverter.STANDARD_INSTANCE.toPayload("").orElseThrow();
        Payload payload = Payload.newBuilder(empty)
                .setData(com.google.protobuf.ByteString.copyFromUtf8(json))
                .build();
        return DefaultDataConverter.STANDARD_INSTANCE.fromPayload(payload, RunReport.class, RunReport.class);
    }

    private static List<StepRecord> steps(List<StepReport> steps) {
        return steps.stream()
                .map(step -> new StepRecord(
                        step.id(),
                        step.title(),
                        step.where(),
                        step.state().name(),
                        kept(step.started()),
                        ended(step),
                        step.detail()))
                .toList();
    }

    private static List<ApprovalRecord> approvals(List<ApprovalAnswer> answers) {
        return answers.stream()
                .map(answer -> new ApprovalRecord(
                        answer.accepted(), answer.code(), answer.approver(), answer.message(), kept(answer.at())))
                .toList();
    }

    @Override
    public void close() {
        teardown.close();
    }
}

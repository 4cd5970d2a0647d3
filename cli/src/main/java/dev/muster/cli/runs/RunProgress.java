package dev.muster.cli.runs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.cli.client.ApiClient;
import dev.muster.cli.output.Output;
import dev.muster.cli.output.Printable;
import dev.muster.cli.output.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Tells what happens in a run, each thing once, however often and by whatever way it is heard of. */
final class RunProgress {
    private final Output output;
    private final boolean events;
    private final Set<String> told = new HashSet<>();
    private final List<Approval> approvals = new ArrayList<>();

    private RunProgress(Output output, boolean events) {
        this.output = output;
        this.events = events;
    }

    /** As lines for people. */
    static RunProgress lines(Output output) {
        return new RunProgress(output, false);
    }

    /** As a JSON document per event, a line each. */
    static RunProgress events(Output output) {
        return new RunProgress(output, true);
    }

    /** Everything that a run's details say. */
    void details(JsonNode details) {
        details.path("steps").forEach(this::step);
        details.path("approvals").forEach(this::approval);
        run(details.path("run"));
    }

    void step(JsonNode step) {
        String state = Output.text(step.path("state"));
        if (!first("step", Output.text(step.path("id")), Output.text(step.path("started")), state)) {
            return;
        }
        if (events) {
            event("step", step);
        } else if (step.path("ended").isTextual()) {
            output.progress(String.format(
                    Locale.ROOT,
                    "%-6s %8s  %s: %s",
                    state.equals("DONE") ? "done" : state,
                    Times.between(step.path("started"), step.path("ended")),
                    Printable.line(Output.text(step.path("title"))),
                    Printable.line(Output.text(step.path("detail")))));
        }
    }

    void approval(JsonNode approval) {
        if (!firstApproval(approval)) {
            return;
        }
        if (events) {
            event("approval", approval);
        } else {
            String approver = Output.text(approval.path("approver"));
            output.progress(Printable.line(Output.text(approval.path("code"))
                    + (approver.isEmpty() ? "" : " (" + approver + ")")
                    + ": " + Output.text(approval.path("message"))));
        }
    }

    /** The run's state, whom it waits for, its end. */
    void run(JsonNode run) {
        String plan = Output.text(run.path("planHash"));
        if (run.path("waiting").isObject() && !plan.isEmpty() && first("waiting", plan)) {
            waiting(run);
        }
        if (run.path("ended").isTextual() && events && first("end")) {
            event("end", run);
        }
    }

    private void waiting(JsonNode run) {
        if (events) {
            event("waiting", run);
            return;
        }
        String id = Output.text(run.path("id"));
        String until = output.times().withAge(run.path("waiting").path("until"));
        output.progress("Waits for an approval by a person with the role "
                + Output.text(run.path("waiting").path("role")) + " other than "
                + Printable.line(Output.text(run.path("requester"))) + (until.isEmpty() ? "" : ", until " + until)
                + ":");
        output.progress("  muster runs plan " + id);
        output.progress("  muster runs approve " + id);
    }

    /** A run tells an approval's time to the nanosecond, its record to the microsecond. */
    private boolean firstApproval(JsonNode approval) {
        Instant at = Times.of(approval.path("at")).orElse(Instant.EPOCH);
        Approval presented = new Approval(at, Output.text(approval.path("code")));
        if (approvals.stream().anyMatch(presented::isSame)) {
            return false;
        }
        return approvals.add(presented);
    }

    private record Approval(Instant at, String code) {
        boolean isSame(Approval other) {
            return code.equals(other.code)
                    && Duration.between(at, other.at).abs().compareTo(Duration.ofMillis(1)) < 0;
        }
    }

    private boolean first(String... what) {
        return told.add(String.join("\n", what));
    }

    private void event(String type, JsonNode data) {
        ObjectNode event = ApiClient.object().put("event", type);
        event.set("data", data);
        output.line(event.toString());
    }
}

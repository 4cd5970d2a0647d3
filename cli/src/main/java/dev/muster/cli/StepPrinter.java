package dev.muster.cli;

import dev.muster.runbooks.plan.PlanText;
import dev.muster.runbooks.plan.StoredPlan;
import dev.muster.workflows.run.RunStatus;
import dev.muster.workflows.run.StepReport;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;

/** Prints a run's steps as they end, one line each, and its plan when it waits for an approval. */
final class StepPrinter implements RunFollower.Listener {
    private final PrintWriter out;

    StepPrinter(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void step(StepReport step) {
        if (step.ended() != null) {
            out.println(String.format(
                    Locale.ROOT,
                    "%-6s %7.1f s  %s: %s",
                    step.state() == StepReport.State.DONE ? "done" : "FAILED",
                    Duration.between(step.started(), step.ended()).toMillis() / 1000.0,
                    PlanText.visible(step.title()),
                    PlanText.visible(step.detail())));
            out.flush();
        }
    }

    @Override
    public void triedAgain(TriedAgain work) {
        out.println("again  " + work.activity() + ", attempt " + work.attempt() + ": " + PlanText.visible(work.why()));
        out.flush();
    }

    @Override
    public void waiting(RunStatus status, String plan) {
        RunStatus.Waiting waiting = Objects.requireNonNull(status.waiting());
        out.println();
        out.println(PlanText.render(StoredPlan.read(plan, Objects.requireNonNull(status.planHash()))));
        out.println();
        out.println("Waiting until " + waiting.until() + " for an approval by a person with the role " + waiting.role()
                + " other than " + status.requester() + ":");
        out.println("  muster approve " + status.workflowId() + " --key FILE");
        out.flush();
    }
}

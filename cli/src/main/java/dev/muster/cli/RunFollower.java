package dev.muster.cli;

import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunStatus;
import dev.muster.workflows.run.StepReport;
import io.temporal.client.WorkflowException;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowStub;
import io.temporal.failure.ApplicationFailure;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows a run to its end and tells each change of its steps as it comes. */
public final class RunFollower {
    private static final Logger log = LoggerFactory.getLogger(RunFollower.class);
    private static final Duration LOOK = Duration.ofMillis(300);

    /** So many looks at the run for one at what is tried again. */
    private static final int SELDOM = 10;

    /** What a follower tells. */
    public interface Listener {
        /** A step began, ended or failed. */
        void step(StepReport step);

        /** Work of a step failed and is tried again. Told when it is another failure than before. */
        default void triedAgain(TriedAgain work) {}

        /** The run waits for an approval of the plan, which is the JSON that was hashed. Told once per plan. */
        void waiting(RunStatus status, String plan);
    }

    private final WorkflowStub run;
    private final Listener listener;
    private final Map<Integer, StepReport.State> told = new HashMap<>();
    private final Map<String, String> toldFailures = new HashMap<>();
    private int looks;
    private String toldPlan = "";

    public RunFollower(WorkflowStub run, Listener listener) {
        this.run = run;
        this.listener = listener;
    }

    /**
     * Waits for the end.
     *
     * @return the report, of a failed run too
     * @throws WorkflowException if the run ended without a report: cancelled or terminated by somebody
     */
    public RunReport follow() throws InterruptedException {
        CompletableFuture<RunReport> result = run.getResultAsync(RunReport.class);
        while (true) {
            try {
                RunReport report = result.get(LOOK.toMillis(), TimeUnit.MILLISECONDS);
                tellAll(report);
                return report;
            } catch (TimeoutException e) {
                look();
            } catch (ExecutionException e) {
                RunReport report = reportOf(e);
                tellAll(report);
                return report;
            }
        }
    }

    private void look() {
        try {
            RunStatus status = run.query("status", RunStatus.class);
            for (int position = 0; position < status.steps().size(); position++) {
                tell(position, status.steps().get(position));
            }
            if (status.waiting() != null
                    && status.planHash() != null
                    && !status.planHash().equals(toldPlan)) {
                toldPlan = status.planHash();
                listener.waiting(status, run.query("plan", String.class));
            }
            if (++looks % SELDOM == 0) {
                TriedAgain.of(run).stream()
                        .filter(work -> !work.why().equals(toldFailures.put(work.id(), work.why())))
                        .forEach(listener::triedAgain);
            }
        } catch (WorkflowException | io.grpc.StatusRuntimeException e) {
            // No worker answers just now, or the run has just ended; the next look will tell.
            log.debug("No status of {}", run.getExecution(), e);
        }
    }

    private void tellAll(RunReport report) {
        for (int position = 0; position < report.steps().size(); position++) {
            tell(position, report.steps().get(position));
        }
    }

    private void tell(int position, StepReport step) {
        if (told.put(position, step.state()) != step.state()) {
            listener.step(step);
        }
    }

    private static RunReport reportOf(ExecutionException e) {
        if (e.getCause() instanceof WorkflowFailedException failed
                && failed.getCause() instanceof ApplicationFailure failure
                && failure.getDetails().getSize() > 0) {
            return failure.getDetails().get(RunReport.class);
        }
        if (e.getCause() instanceof RuntimeException other) {
            throw other;
        }
        throw new IllegalStateException("The run's end cannot be read", e);
    }
}

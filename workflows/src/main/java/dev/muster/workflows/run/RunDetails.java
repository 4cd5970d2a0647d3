package dev.muster.workflows.run;

import java.time.Duration;
import java.util.Locale;

/** A run's current details in Markdown, as the Temporal UI shows them. */
final class RunDetails {
    private static final int LONGEST_DETAIL = 200;

    private RunDetails() {}

    static String markdown(RunStatus status) {
        StringBuilder text = new StringBuilder();
        text.append("**").append(status.state()).append("**, requested by ").append(status.requester());
        RunStatus.Waiting waiting = status.waiting();
        if (waiting != null) {
            text.append("\n\nWaiting for an approval by a person with the role **")
                    .append(waiting.role())
                    .append("** since ")
                    .append(waiting.since())
                    .append(", until ")
                    .append(waiting.until());
        }
        if (status.planHash() != null) {
            text.append("\n\nPlan `").append(status.planHash()).append('`');
        }
        text.append("\n\n| step | where | state | seconds | |\n|---|---|---|---|---|\n");
        for (StepReport step : status.steps()) {
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %s | %s | %s |\n",
                    step.title(),
                    step.where(),
                    step.state(),
                    step.ended() == null
                            ? ""
                            : String.format(
                                    Locale.ROOT,
                                    "%.1f",
                                    Duration.between(step.started(), step.ended())
                                                    .toMillis()
                                            / 1000.0),
                    cell(step.detail())));
        }
        return text.toString();
    }

    private static String cell(String detail) {
        String line = detail.replace('\n', ' ').replace("|", "\\|");
        return line.length() <= LONGEST_DETAIL ? line : line.substring(0, LONGEST_DETAIL) + "…";
    }
}

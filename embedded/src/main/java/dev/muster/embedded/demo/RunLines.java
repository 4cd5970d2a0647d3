package dev.muster.embedded.demo;

import dev.muster.cli.RunFollower;
import dev.muster.embedded.console.Console;
import dev.muster.workflows.run.RunStatus;
import dev.muster.workflows.run.StepReport;
import java.util.HashMap;
import java.util.Map;

/** Shows a run's steps on the console as they begin and end. */
final class RunLines implements RunFollower.Listener {
    /** What is done when the run waits for an approval. */
    interface Gate {
        void waiting(RunStatus status, String plan);
    }

    private final Console console;
    private final Gate gate;
    private final Map<String, Console.Step> open = new HashMap<>();

    RunLines(Console console, Gate gate) {
        this.console = console;
        this.gate = gate;
    }

    @Override
    public void step(StepReport step) {
        Console.Step line = open.computeIfAbsent(step.id(), id -> console.step(step.title()));
        switch (step.state()) {
            case RUNNING -> {}
            case DONE -> {
                open.remove(step.id());
                line.done(step.detail());
            }
            case FAILED -> {
                open.remove(step.id());
                line.failed(step.detail());
            }
        }
    }

    @Override
    public void waiting(RunStatus status, String plan) {
        gate.waiting(status, plan);
    }
}

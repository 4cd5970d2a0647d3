package dev.muster.embedded.stack;

import dev.muster.cli.Errors;
import dev.muster.worker.WorkerCommand;
import picocli.CommandLine;

/** A worker as a process by itself: what {@code muster worker} is, without the other verbs. */
public final class WorkerMain {
    private WorkerMain() {}

    public static void main(String[] arguments) {
        System.exit(Errors.configure(new CommandLine(new WorkerCommand())).execute(arguments));
    }
}

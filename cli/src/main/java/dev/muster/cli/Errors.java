package dev.muster.cli;

import dev.muster.catalog.CatalogException;
import dev.muster.runbooks.Problem;
import dev.muster.runbooks.RunbookException;
import dev.muster.workflows.connection.TemporalUnreachableException;
import dev.muster.workflows.run.ChangeUnderWayException;
import io.temporal.client.WorkflowNotFoundException;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine;

/** Turns errors into what an operator reads: the code, what failed, what to check; a trace only for faults of ours. */
public final class Errors {
    private Errors() {}

    /** Makes the command line tell errors so, with the exit codes of {@link ExitCode}. */
    public static CommandLine configure(CommandLine commandLine) {
        return commandLine.setExecutionExceptionHandler((error, command, parsed) -> tell(error, command.getErr()));
    }

    private static int tell(Exception error, PrintWriter out) {
        if (error instanceof RunbookException refused) {
            for (Problem problem : refused.problems()) {
                out.println(problem);
            }
            return ExitCode.BAD_INPUT;
        }
        if (error instanceof CliException known) {
            known.details().forEach(out::println);
            out.println(known.line());
            return known.exitCode();
        }
        if (error instanceof TemporalUnreachableException unreachable) {
            out.println(line(unreachable.code(), String.valueOf(unreachable.getMessage()), unreachable.hint()));
            return ExitCode.UNREACHABLE;
        }
        if (error instanceof CatalogException catalogue) {
            out.println(line(catalogue.code(), String.valueOf(catalogue.getMessage()), catalogue.hint()));
            return catalogue.code().equals("CATALOG_UNREACHABLE") ? ExitCode.UNREACHABLE : ExitCode.FAILED;
        }
        if (error instanceof ChangeUnderWayException busy) {
            out.println(line(busy.code(), String.valueOf(busy.getMessage()), busy.hint()));
            return ExitCode.BUSY;
        }
        if (error instanceof WorkflowNotFoundException missing) {
            out.println(line(
                    "RUN_NOT_FOUND",
                    "There is no run with the workflow id "
                            + missing.getExecution().getWorkflowId() + ".",
                    "Give the workflow id as 'muster run' printed it, such as change/orders."));
            return ExitCode.BAD_INPUT;
        }
        if (error instanceof IOException file) {
            out.println(line("FILE_UNREADABLE", String.valueOf(file.getMessage()), "Does it exist, may you read it?"));
            return ExitCode.BAD_INPUT;
        }
        error.printStackTrace(out);
        return ExitCode.FAILED;
    }

    private static String line(String code, String message, String hint) {
        return code + ": " + message + " Hint: " + hint;
    }
}

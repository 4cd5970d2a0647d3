package dev.muster.cli;

import dev.muster.catalog.CatalogException;
import dev.muster.runbooks.Problem;
import dev.muster.runbooks.RunbookException;
import dev.muster.storage.StoreException;
import dev.muster.workflows.connection.TemporalUnreachableException;
import dev.muster.workflows.run.ChangeUnderWayException;
import dev.muster.workflows.schedules.SchedulesException;
import io.grpc.StatusRuntimeException;
import io.temporal.client.WorkflowException;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowNotFoundException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import picocli.CommandLine;

/** Turns errors into what an operator reads: the code, what failed, what to check; a trace only for faults of ours. */
public final class Errors {
    private Errors() {}

    /** Makes the command line tell errors so, with the exit codes of {@link ExitCode}. */
    public static CommandLine configure(CommandLine commandLine) {
        return commandLine
                .setExecutionExceptionHandler((error, command, parsed) -> tell(error, command.getErr()))
                .setParameterExceptionHandler((error, arguments) -> usage(error));
    }

    /** Not the whole help: what is wrong would scroll away above it. */
    private static int usage(CommandLine.ParameterException error) {
        CommandLine command = error.getCommandLine();
        String message = String.valueOf(error.getMessage()).strip();
        String variable = message.contains("--store=URL") ? " (or $MUSTER_STORE)" : "";
        PrintWriter out = command.getErr();
        out.println(line(
                "OPTIONS_REFUSED",
                message + variable + (message.endsWith(".") ? "" : "."),
                command.getCommandSpec().qualifiedName()
                        + (command.getSubcommands().isEmpty()
                                ? " --help says what each option takes."
                                : " --help says which commands there are.")));
        CommandLine.UnmatchedArgumentException.printSuggestions(error, out);
        return ExitCode.BAD_INPUT;
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
        if (error instanceof StoreException store) {
            out.println(line(store.code(), String.valueOf(store.getMessage()), store.hint()));
            return switch (store.code()) {
                case "STORE_UNREACHABLE", "STORE_THROTTLED" -> ExitCode.UNREACHABLE;
                case "STORE_URL_INVALID", "SECRET_MISSING", "STORE_MISSING" -> ExitCode.BAD_INPUT;
                default -> ExitCode.FAILED;
            };
        }
        if (error instanceof CatalogException catalogue) {
            out.println(line(catalogue.code(), String.valueOf(catalogue.getMessage()), catalogue.hint()));
            return catalogue.code().equals("CATALOG_UNREACHABLE") ? ExitCode.UNREACHABLE : ExitCode.FAILED;
        }
        if (error instanceof SchedulesException schedule) {
            out.println(line(schedule.code(), String.valueOf(schedule.getMessage()), schedule.hint()));
            return switch (schedule.code()) {
                case "TEMPORAL_UNREACHABLE" -> ExitCode.UNREACHABLE;
                case "SCHEDULE_NOT_FOUND",
                        "SCHEDULE_NOTE_MISSING",
                        "BACKFILL_TIMES_WRONG",
                        "BACKFILL_EMPTY",
                        "BACKFILL_TOO_MANY" -> ExitCode.BAD_INPUT;
                default -> ExitCode.FAILED;
            };
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
        if (error instanceof WorkflowFailedException ended) {
            out.println(line(
                    "RUN_STOPPED",
                    "The run " + ended.getExecution().getWorkflowId() + " was stopped before its end: "
                            + (ended.getCause() == null
                                    ? "no reason given"
                                    : ended.getCause().getMessage()) + ".",
                    "Somebody cancelled or terminated it in Temporal; ask who, and look at what it had done."));
            return ExitCode.FAILED;
        }
        if (error instanceof WorkflowException silent) {
            out.println(silent(
                    silent.getExecution() == null
                            ? ""
                            : " " + silent.getExecution().getWorkflowId()));
            return ExitCode.UNREACHABLE;
        }
        if (error instanceof StatusRuntimeException) {
            out.println(silent(""));
            return ExitCode.UNREACHABLE;
        }
        Optional<EngineErrors.Told> engine = EngineErrors.of(error);
        if (engine.isPresent()) {
            out.println(line(
                    engine.get().code(), engine.get().message(), engine.get().hint()));
            return engine.get().exitCode();
        }
        if (error instanceof IOException file) {
            out.println(of(file));
            return ExitCode.BAD_INPUT;
        }
        error.printStackTrace(out);
        return ExitCode.FAILED;
    }

    private static String silent(String run) {
        return line(
                "RUN_SILENT",
                "The run" + run + " does not answer.",
                "Does a control worker poll ('muster worker --control')? If one does, the run is none of Muster's or was"
                        + " started with something that it cannot read: look at it in Temporal, and terminate it there.");
    }

    private static String of(IOException error) {
        if (error instanceof NoSuchFileException) {
            return line("FILE_UNREADABLE", error.getMessage() + " does not exist.", "Is the path right?");
        }
        if (error instanceof FileAlreadyExistsException) {
            return line(
                    "FILE_EXISTS",
                    error.getMessage() + " is there already and was not touched.",
                    "Keys are never overwritten: choose another name or folder.");
        }
        return line("FILE_UNREADABLE", String.valueOf(error.getMessage()), "Is it the right file, may you read it?");
    }

    private static String line(String code, String message, String hint) {
        return code + ": " + message + " Hint: " + hint;
    }
}

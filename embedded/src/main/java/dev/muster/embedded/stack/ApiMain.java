package dev.muster.embedded.stack;

import dev.muster.api.ApiCommand;
import dev.muster.cli.Errors;
import picocli.CommandLine;

/** The API as a process by itself: what {@code muster api} is, without the other verbs. */
public final class ApiMain {
    private ApiMain() {}

    public static void main(String[] arguments) {
        System.exit(Errors.configure(new CommandLine(new ApiCommand())).execute(arguments));
    }
}

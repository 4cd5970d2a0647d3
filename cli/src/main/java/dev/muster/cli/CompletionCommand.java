package dev.muster.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code muster completion}: what a shell needs to complete verbs and options. */
@Command(
        name = "completion",
        description = {
            "Prints a script with which a shell completes verbs and options.",
            "bash: source <(muster completion bash). zsh: muster completion zsh > ~/.muster-completion.zsh, and in"
                    + " ~/.zshrc: source ~/.muster-completion.zsh"
        },
        mixinStandardHelpOptions = true)
public final class CompletionCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(index = "0", paramLabel = "SHELL", description = "bash or zsh.")
    private String shell = "";

    @Override
    public Integer call() {
        if (!shell.equals("bash") && !shell.equals("zsh")) {
            throw new ParameterException(
                    spec.commandLine(), "There is completion for bash and zsh, not '" + shell + "'.");
        }
        PrintWriter out = spec.commandLine().getOut();
        // One script for both: in zsh it turns on the emulation of bash that it needs.
        out.println(AutoComplete.bash(spec.root().name(), spec.root().commandLine()));
        out.flush();
        return ExitCode.SUCCESS;
    }
}

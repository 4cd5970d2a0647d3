package dev.muster.cli;

import com.github.f4b6a3.ulid.UlidCreator;
import dev.muster.runbooks.Problem;
import dev.muster.runbooks.RunbookException;
import dev.muster.runbooks.yaml.RunbookFiles;
import dev.muster.runbooks.yaml.SourceText;
import dev.muster.workflows.run.RunRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What starts a run: the runbook, its system, who asks. */
public final class RunOptions {
    @Parameters(
            index = "0",
            paramLabel = "RUNBOOK",
            description = "A runbook's file, or a shipped one: shipped:backup, shipped:point-in-time-recovery,"
                    + " shipped:restore-test.")
    private String runbook = "";

    @Option(
            names = "--system",
            paramLabel = "FILE",
            description = "The system's file, where it is not in the runbook's own; may be given several times.")
    private List<Path> systems = List.of();

    @Option(
            names = "--requester",
            paramLabel = "NAME",
            defaultValue = "${sys:user.name}",
            description = "Who asks for the run; cannot approve it (default: ${DEFAULT-VALUE}).")
    private String requester = "";

    /** A validated runbook with its system. */
    RunbookFiles.LoadedRunbook load() {
        return load(runbook, systems);
    }

    static RunbookFiles.LoadedRunbook load(String runbook, List<Path> systems) {
        List<SourceText> sources = new ArrayList<>();
        sources.add(RunbookFiles.source(runbook));
        systems.forEach(file -> sources.add(SourceText.of(file)));
        return RunbookFiles.read(sources).only();
    }

    RunRequest request(RunbookFiles.LoadedRunbook loaded, boolean dryRun) {
        try {
            return request(loaded, requester, dryRun);
        } catch (IllegalArgumentException e) {
            throw new RunbookException(Problem.of(
                    "REQUEST_REFUSED",
                    String.valueOf(e.getMessage()),
                    "Nothing was started. Mend what is named, then start again."));
        }
    }

    /** The request that starts a run of a validated runbook, with a new id. */
    public static RunRequest request(RunbookFiles.LoadedRunbook loaded, String requester, boolean dryRun) {
        return new RunRequest(
                RunRequest.SCHEMA,
                UlidCreator.getMonotonicUlid().toString(),
                requester,
                dryRun,
                new RunRequest.SourceFile(
                        loaded.source().file(), loaded.source().text()),
                new RunRequest.SourceFile(
                        loaded.systemSource().file(), loaded.systemSource().text()));
    }
}

package dev.muster.activities.place;

import dev.muster.runbooks.yaml.RunbookFiles;
import dev.muster.runbooks.yaml.SourceText;
import dev.muster.workflows.run.RunRequest;
import java.util.List;

/** The runbook and the system that a run was started with. */
public final class RequestFiles {
    private RequestFiles() {}

    /** @throws dev.muster.runbooks.RunbookException with every problem of the files */
    public static RunbookFiles.LoadedRunbook read(RunRequest request) {
        return RunbookFiles.read(List.of(source(request.runbook()), source(request.system())))
                .only();
    }

    /** As it was hashed into plans. */
    public static SourceText source(RunRequest.SourceFile file) {
        return new SourceText(file.name(), file.text());
    }
}

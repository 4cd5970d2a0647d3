package dev.muster.workflows.run;

import io.temporal.common.converter.DataConverterException;
import io.temporal.worker.WorkflowImplementationOptions;
import org.jspecify.annotations.Nullable;

/** What every scenario answers in the same way. */
public abstract class ScenarioRun implements Run {
    /**
     * How workers register scenarios: a run that was started by hand with what is no request fails. Otherwise it would be
     * tried for ever and hold its system's one place for changes, without a word.
     */
    public static final WorkflowImplementationOptions OPTIONS = WorkflowImplementationOptions.newBuilder()
            .setFailWorkflowExceptionTypes(DataConverterException.class)
            .build();

    private final RunSkeleton skeleton;

    /** Made by the workflow's init constructor, so that an early Update or Query finds it. */
    protected ScenarioRun(RunSkeleton skeleton) {
        this.skeleton = skeleton;
    }

    protected RunSkeleton skeleton() {
        return skeleton;
    }

    @Override
    public RunStatus status() {
        return skeleton.status();
    }

    @Override
    public String plan() {
        return skeleton.planText();
    }

    @Override
    public ApprovalAnswer approve(@Nullable String token) {
        return skeleton.present(token == null ? "" : token);
    }

    @Override
    public void approval(@Nullable String token) {
        // A Signal can be sent by anybody who reaches Temporal; one without a token must not stop the workflow task.
        skeleton.present(token == null ? "" : token);
    }
}

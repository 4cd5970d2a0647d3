package dev.muster.workflows.run;

/** What every scenario answers in the same way. */
public abstract class ScenarioRun implements Run {
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
    public ApprovalAnswer approve(String token) {
        return skeleton.present(token);
    }

    @Override
    public void approval(String token) {
        skeleton.present(token);
    }
}

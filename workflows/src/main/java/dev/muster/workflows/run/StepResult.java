package dev.muster.workflows.run;

/** What a step's activity returns: a small record, large things by reference. */
public interface StepResult {
    /** What happened, in one line for people: numbers, places, verdicts. */
    String detail();
}

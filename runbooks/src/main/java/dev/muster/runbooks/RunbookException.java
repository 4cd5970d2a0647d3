package dev.muster.runbooks;

import java.util.List;
import java.util.stream.Collectors;

/** A runbook, a system or a plan is refused, with every problem that was found, not only the first. */
public final class RunbookException extends RuntimeException {
    private final String code;
    private final String hint;
    private final transient List<Problem> problems;

    /** @param problems at least one */
    public RunbookException(String code, List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.code = code;
        this.hint = problems.get(0).hint();
        this.problems = List.copyOf(problems);
    }

    /** One problem, whose code is the exception's. */
    public RunbookException(Problem problem) {
        super(problem.message());
        this.code = problem.code();
        this.hint = problem.hint();
        this.problems = List.of(problem);
    }

    public String code() {
        return code;
    }

    public String hint() {
        return hint;
    }

    public List<Problem> problems() {
        return problems;
    }
}
